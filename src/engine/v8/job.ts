/** One run as the pool sees it: what to call, with what, and how it ended. */
import type { WasmNumber } from "../inputs.ts";
import type { CodeEnding, LoadedModule } from "./messages.ts";

/** A module compiled for one memory limit. Workers know it by its id. */
export interface CompiledModule {
  id: number;
  load: LoadedModule;
  /** What its memory can grow to, where the engine's limit and not the module itself says so. */
  capBytes: number | undefined;
}

export interface JobStreams {
  args: string[];
  env: string[];
  stdin: Uint8Array | "inherit";
  output: "collect" | "inherit";
  outputBytes: number;
}

export interface Job {
  module: CompiledModule;
  entry: string;
  values: WasmNumber[];
  /** For modules that import WASI. */
  streams: JobStreams | undefined;
  wallTimeMs: number | undefined;
  signal: AbortSignal | undefined;
}

export type StopReason = "time" | "cancel" | "close";

export type Ending = CodeEnding | { kind: "stopped"; by: StopReason } | { kind: "crashed"; reason: string };

export interface JobResult {
  ending: Ending;
  wallMs: number;
  memoryBytes: number;
  stdout: Uint8Array;
  stderr: Uint8Array;
}

const nothing = new Uint8Array(0);

/** The result of a job that never came to run. */
export function neverRan(ending: Ending): JobResult {
  return { ending, wallMs: 0, memoryBytes: 0, stdout: nothing, stderr: nothing };
}
