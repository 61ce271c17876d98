/** A function project: a folder with a `prop.toml`. */
import type { FunctionKind } from "./kind.ts";

export interface Project {
  /** Absolute. */
  dir: string;
  name: string;
  /** A name in the table of toolchains. */
  toolchain: string;
  kind: FunctionKind;
  /** The file that the compiler is given, relative to `dir`. */
  source: string;
  /** The exported function that run, deploy and invoke call. */
  export?: string;
  /** The module's environment. */
  env: Record<string, string>;
  limits: { wallTimeMs?: number; memoryBytes?: number };
  /** Absolute path of the module that a build writes: `<dir>/build/<name>.wasm`. */
  outputPath: string;
}
