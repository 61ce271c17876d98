/** What the main thread and a worker say to each other. Kept small: a warm run costs two of these messages. */
import type { WasmNumber } from "../inputs.ts";

/** A compiled module, sent with the first run that a worker makes of it. */
export interface LoadedModule {
  compiled: WebAssembly.Module;
  memoryName: string | undefined;
  /** Whether it exports `_initialize`. */
  initializes: boolean;
}

/** What a run with WASI imports is given. */
export interface WasiRun {
  args: string[];
  /** `NAME=value` each. */
  env: string[];
  /** Bytes, or the memory through which the main thread feeds this process's own stdin. */
  stdin?: Uint8Array | SharedArrayBuffer;
  /** Collected into these, or written to this process's own. */
  output: { stdout: SharedArrayBuffer; stderr: SharedArrayBuffer; limitBytes: number } | "inherit";
}

export interface RunMessage {
  kind: "run";
  moduleId: number;
  load?: LoadedModule;
  entry: string;
  values: WasmNumber[];
  wasi?: WasiRun;
}

export type ToWorker = RunMessage | { kind: "forget"; moduleId: number };

/** How the module's own code ended. */
export type CodeEnding =
  | { kind: "returned"; value: WasmNumber | undefined }
  | { kind: "exited"; code: number }
  | { kind: "trapped"; at: "instantiate" | "call"; reason: string }
  | { kind: "output-limit" }
  | { kind: "no-memory" };

export type FromWorker =
  | { kind: "ready" }
  | { kind: "input-wanted" }
  | { kind: "ended"; ending: CodeEnding; wallMs: number; memoryBytes: number };
