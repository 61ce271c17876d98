/** Finds a cargo whose compiler has the standard library of a target. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { whereIs } from "./path-search.ts";
import { askProgram, type SpawnOptions } from "./spawn.ts";

export interface Cargo {
  /** Absolute. */
  file: string;
  /** Absolute. */
  rustc: string;
  version: string;
  target: string;
}

/** Debian's compiler may stand behind rustup's on the PATH, and is the one that has the target. */
const folders = ["", "/usr/bin/"];

/** The first that has one of the targets, which are in the order of preference. */
export async function findCargo(
  targets: readonly string[],
  options: SpawnOptions,
): Promise<Cargo | undefined> {
  const found = await Promise.all(folders.map((folder) => examine(folder, targets, options)));
  return found.find((cargo) => cargo !== undefined);
}

async function examine(
  folder: string,
  targets: readonly string[],
  options: SpawnOptions,
): Promise<Cargo | undefined> {
  const [file, rustc] = await Promise.all([whereIs(`${folder}cargo`), whereIs(`${folder}rustc`)]);
  const [cargo, sysroot, version] = await Promise.all([
    askProgram(file, ["--version"], options),
    askProgram(rustc, ["--print", "sysroot"], options),
    askProgram(rustc, ["--version"], options),
  ]);
  if (cargo === undefined || sysroot === undefined || version === undefined) return undefined;
  const target = targets.find((name) => existsSync(join(sysroot.trim(), "lib/rustlib", name, "lib")));
  return target === undefined ? undefined : { file, rustc, version: version.trim(), target };
}
