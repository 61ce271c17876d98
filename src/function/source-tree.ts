/** The files that a build depends on: all of the project's but what tools put there. */
import { createHash } from "node:crypto";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { systemCode } from "../errors.ts";
import type { Project } from "./project.ts";

const foreign = new Set(["build", "node_modules"]);

/**
 * What a file watcher has to watch: the project's folder, but for the paths that `ignored` tells.
 * Both fit chokidar's `watch(path, { ignored })`.
 */
export function watchedPaths({ dir }: Project): { path: string; ignored: (path: string) => boolean } {
  return { path: dir, ignored: (path) => relative(dir, path).split(sep).some(isForeign) };
}

/** SHA-256, in hex, of the names and contents of the project's files, and of `salt`. */
export async function fingerprint({ dir }: Project, salt: string): Promise<string> {
  const hash = createHash("sha256").update(salt);
  for await (const path of listFiles(dir, new Set())) {
    const content = await unlessGone(readFile(path));
    if (content === undefined) continue;
    hash.update(`\0${relative(dir, path)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** Follows links, since what they lead to is compiled too; `seen` holds the real folders, so that a loop ends. */
async function* listFiles(dir: string, seen: Set<string>): AsyncGenerator<string> {
  const real = await realpath(dir);
  if (seen.has(real)) return;
  seen.add(real);
  for (const name of (await readdir(dir)).sort()) {
    if (isForeign(name)) continue;
    const path = join(dir, name);
    const found = await unlessGone(stat(path));
    if (found?.isDirectory()) yield* listFiles(path, seen);
    else if (found?.isFile()) yield path;
  }
}

/** Editors and tools remove their files while the tree is read: such a file is no source. */
async function unlessGone<T>(pending: Promise<T>): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function isForeign(name: string): boolean {
  return foreign.has(name) || name.startsWith(".");
}
