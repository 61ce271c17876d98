/** Debian's docker-registry on a free loopback port, for tests. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { freePort } from "./free-port.ts";

const FOLDERS = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"];

/** The binary's path; undefined, with the reason printed, where there is none. */
export function findDockerRegistry(): string | undefined {
  const found = FOLDERS.map((folder) => join(folder, "docker-registry")).find(isExecutable);
  if (!found) console.warn("skipped: no docker-registry on this machine (apt install docker-registry)");
  return found;
}

/** Starts one that ends with the test, and resolves when it listens. */
export async function startDockerRegistry(
  binary: string,
  { htpasswd }: { htpasswd?: string } = {},
): Promise<{ url: string; host: string }> {
  const host = `127.0.0.1:${await freePort()}`;
  const folder = await mkdtemp(join(tmpdir(), "prop-registry-"));
  const config = join(folder, "config.yml");
  const lines = [
    "version: 0.1",
    "storage:",
    "  filesystem:",
    `    rootdirectory: ${join(folder, "data")}`,
    "http:",
    `  addr: ${host}`,
    ...(htpasswd === undefined ? [] : ["auth:", "  htpasswd:", "    realm: test", `    path: ${htpasswd}`]),
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  const child = spawn(binary, ["serve", config], { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(async () => {
    const exited = once(child, "exit");
    if (child.exitCode === null && child.kill()) await exited;
    await rm(folder, { recursive: true });
  });
  const said: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    said.push(line);
    if (!line.includes("listening on")) continue;
    child.stderr.resume();
    return { url: `http://${host}`, host };
  }
  throw new Error(`docker-registry did not start:\n${said.join("\n")}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
