/** Finds what compiles and links C for WebAssembly on this machine. */
import { isAbsolute } from "node:path";
import { askProgram, type SpawnOptions } from "./spawn.ts";

export interface CDriver {
  version: string;
  file: string;
  args: string[];
  /** For a module whose functions are called from outside, with no `main`. */
  library: string[];
}

/** A clang that has all it takes: the wasm32 target, wasm-ld and wasi-libc. Undefined where one is missing. */
export async function findClang(file: string, options: SpawnOptions): Promise<CDriver | undefined> {
  const target = "--target=wasm32-wasi";
  const questions = [
    ["--version"],
    ["--print-targets"],
    ["--print-prog-name=wasm-ld"],
    [target, "--print-file-name=libc.a"],
  ];
  const answers = await Promise.all(questions.map((args) => askProgram(file, args, options)));
  const [version = "", targets = "", linker = "", libc = ""] = answers;
  if (!targets.includes("wasm32") || !isAbsolute(linker) || !isAbsolute(libc)) return undefined;
  return { version, file, args: [target], library: ["-nostartfiles", "-Wl,--no-entry"] };
}

/** zig ignores -nostartfiles and adds a `_start`; its reactor exports `_initialize`, which every engine calls. */
export async function findZig(
  file: string,
  args: string[],
  options: SpawnOptions,
): Promise<CDriver | undefined> {
  const version = await askProgram(file, [...args, "version"], options);
  if (version === undefined) return undefined;
  const library = ["-mexec-model=reactor", "-Wl,--no-entry"];
  return { version: `zig ${version}`, file, args: [...args, "cc", "-target", "wasm32-wasi"], library };
}
