/** What the arguments of `prop run` mean: a project or a module file, and the inputs of its function. */
import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";

export type RunTarget =
  | { kind: "project"; dir: string; inputs: string[] }
  | { kind: "file"; path: string; inputs: string[] };

/**
 * Tells a target from inputs. The first argument is the target where it ends in `.wasm`, is a folder with a
 * prop.toml or is a folder written as a path (`.`, `./hello`, `/srv/hello`), or where nothing else can be: no project is
 * here. Else the current folder is.
 */
export function parseRunTarget(args: readonly string[]): RunTarget {
  const [first = ".", ...rest] = args;
  if (first.endsWith(".wasm")) return { kind: "file", path: first, inputs: rest };
  if (isProject(first)) return { kind: "project", dir: first, inputs: rest };
  if (!existsSync("prop.toml") && !/^-?\d/.test(first)) return { kind: "project", dir: first, inputs: rest };
  return { kind: "project", dir: ".", inputs: [...args] };
}

function isProject(path: string): boolean {
  if (existsSync(join(path, "prop.toml"))) return true;
  const looksLikePath = path !== basename(path) || path === "." || path === "..";
  return looksLikePath && (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false);
}
