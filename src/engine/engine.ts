/** What runs Wasm: prepare a module once, run it many times, each time within limits. */
import type { PropError } from "../errors.ts";

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128" | "funcref" | "externref";

export interface FunctionSignature {
  name: string;
  parameters: ValueType[];
  results: ValueType[];
}

export interface ModuleImport {
  module: string;
  name: string;
  kind: "function" | "table" | "memory" | "global" | "tag";
}

/** What a module says of itself, read from its bytes without compiling them. */
export interface ModuleInfo {
  kind: "core" | "component";
  /** Exported functions in the order they are exported. */
  functions: FunctionSignature[];
  imports: ModuleImport[];
  /** Initial size of the module's own memory in bytes, 0 where it has none. */
  memoryBytes: number;
}

/** A module that is compiled and ready to run. It stays valid until `release`. */
export interface PreparedModule {
  /** `sha256:…` of the bytes. */
  digest: string;
  sizeBytes: number;
  info: ModuleInfo;
  /** Lets the engine forget the module. Runs under way end as they would have. */
  release(): void;
}

export interface RunLimits {
  /** Milliseconds from the moment the module's own code starts. */
  wallTimeMs?: number;
  /** Linear memory the module may have, in bytes. */
  memoryBytes?: number;
  /** stdout and stderr together, in bytes, where they are collected. */
  outputBytes?: number;
}

export interface RunRequest {
  /** Exported function to call. One that is not exported falls back to `main`, `run`, `_start`, in that order. */
  entry: string;
  /** No fallback: `entry` must be exported (`--invoke`). */
  exact?: boolean;
  /** Parsed by the parameters' types. A WASI command (`_start`) takes them as arguments after `args`. */
  inputs?: string[];
  /** WASI arguments after the program's name. */
  args?: string[];
  /** WASI argument 0. */
  programName?: string;
  env?: Record<string, string>;
  /** Bytes on stdin; "inherit" reads this process's own. Nothing by default. */
  stdin?: Uint8Array | "inherit";
  /** "collect" returns stdout and stderr in the outcome, "inherit" writes them to this process's own. */
  output: "collect" | "inherit";
  limits?: RunLimits;
  /** Stops the run; its outcome then has the failure `RUN_CANCELLED`. */
  signal?: AbortSignal;
}

export interface RunUsage {
  wallMs: number;
  /** Linear memory at the end of the run; it never shrinks, so also its peak. */
  memoryBytes: number;
}

/**
 * How a run ended. A run never rejects for what the module did or the request asked: that is `failure` or `exitCode`.
 * Codes of a failure: `FUNCTION_NOT_FOUND`, `ARGUMENT_COUNT`, `ARGUMENT_TYPE`, `MODULE_UNSUPPORTED`, `MODULE_TRAPPED`,
 * `TIME_LIMIT`, `MEMORY_LIMIT`, `OUTPUT_LIMIT`, `RUN_CANCELLED`, `MEMORY_UNAVAILABLE`, `WORKER_CRASHED`.
 */
export interface RunOutcome {
  /** The first returned value in decimal; stdout for a WASI command; "" for none. */
  result: string;
  /** The module's `proc_exit` code, else 0; 1 where `failure` is set. */
  exitCode: number;
  stdout: Uint8Array;
  stderr: Uint8Array;
  usage: RunUsage;
  failure?: PropError;
}

export interface Engine {
  /**
   * Compiles a module. The same bytes compile once, also when asked for at the same time. They must not be changed
   * before the release: another memory limit compiles them again.
   * @throws PropError `MODULE_INVALID`, `MODULE_UNSUPPORTED`, `MODULE_IMPORT_MISSING`
   */
  prepare(bytes: Uint8Array): Promise<PreparedModule>;
  /** Runs a prepared module in a fresh instance. Waits for a free worker where all are taken. */
  run(module: PreparedModule, request: RunRequest): Promise<RunOutcome>;
  /** Ends every worker; runs under way end as cancelled. */
  close(): Promise<void>;
}
