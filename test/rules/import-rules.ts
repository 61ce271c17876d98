/** Imports point down (ARCHITECTURE.md): each room names the rooms it may use, and everything else is a violation. */
import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";

/** A room is a folder of src/. `api/client` is the one file that is named. */
const everywhere = ["protocol", "model", "telemetry"];
const rooms: Record<string, readonly string[]> = {
  protocol: [],
  model: [],
  telemetry: [],
  packaging: [],
  config: [],
  transport: [],
  broker: [],
  engine: [],
  registry: [],
  scheduler: [],
  store: [],
  function: ["engine"],
  proplet: ["engine", "registry", "transport"],
  images: ["transport"],
  proxy: ["images", "registry", "transport"],
  manager: ["images", "scheduler", "store", "transport"],
  api: ["manager"],
  dev: [
    "api",
    "broker",
    "config",
    "engine",
    "function",
    "manager",
    "proplet",
    "registry",
    "store",
    "transport",
  ],
  cli: ["api/client", "config", "engine", "function", "registry"],
  manifest: ["api/client", "cli", "engine", "function"],
  commands: [
    "api/client",
    "broker",
    "cli",
    "config",
    "dev",
    "engine",
    "function",
    "manager",
    "manifest",
    "proplet",
    "proxy",
    "registry",
    "store",
    "transport",
  ],
};

/** No I/O and no clock: of Node they take bytes and no more. */
const pureRooms = ["protocol", "model", "scheduler"];
const pureModules = ["node:buffer"];

/** Every source file by its path from the root, tests and what only tests use left out. */
export async function readSources(root: string): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  for (const folder of ["src", "commands"]) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      const path = posix.join(folder, name.replaceAll("\\", "/"));
      if (!path.endsWith(".ts") || path.endsWith(".test.ts") || path.includes("/testing/")) continue;
      sources.set(path, await readFile(join(root, path), "utf8"));
    }
  }
  return sources;
}

/** One line for each import that points where it must not, and for each file that nothing uses. */
export function findViolations(sources: Map<string, string>, entries: readonly string[]): string[] {
  const violations: string[] = [];
  const used = new Set(entries);
  for (const [path, text] of sources) {
    for (const name of importsOf(text)) {
      const target = name.startsWith(".") ? posix.join(posix.dirname(path), name) : name;
      used.add(target);
      const reason = forbids(path, target);
      if (reason !== undefined) violations.push(`${path} imports ${target}: ${reason}`);
    }
  }
  for (const path of sources.keys()) {
    if (path.startsWith("src/") && !path.endsWith(".d.ts") && !used.has(path))
      violations.push(`${path}: nothing imports it`);
  }
  return violations;
}

/** Sources name each other with the ending .ts, in an import as in a worker's URL. */
const specifier = /["'](\.{1,2}\/[^"'\n]+\.ts|node:[^"'\n]+)["']/g;

function importsOf(text: string): string[] {
  return [...text.matchAll(specifier)].map(([, found = ""]) => found);
}

function forbids(from: string, to: string): string | undefined {
  const room = roomOf(from);
  if (!isSource(to)) {
    const impure = pureRooms.includes(room) && to.startsWith("node:") && !pureModules.includes(to);
    return impure ? `${room} is pure` : undefined;
  }
  const target = roomOf(to);
  if (target === room || target === "errors") return undefined;
  if (target === "commands") return "nothing imports a command";
  const below = rooms[room];
  if (below === undefined) return `the room ${room} has no rule in test/rules/import-rules.ts`;
  const allowed = [...below, ...everywhere];
  if (allowed.includes(target) || allowed.includes(withoutFolder(to))) return undefined;
  return `${room} may use ${allowed.join(", ")}`;
}

const isSource = (path: string) => path.startsWith("src/") || path.startsWith("commands/");

/** `src/engine/v8/pool.ts` is in the room `engine`, `src/errors.ts` is its own. */
function roomOf(path: string): string {
  const [top = "", room = ""] = path.split("/");
  return top === "src" ? room.replace(/\.ts$/, "") : top;
}

const withoutFolder = (path: string) => path.replace(/^src\//, "").replace(/\.ts$/, "");
