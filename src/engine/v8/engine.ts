/** The embedded engine: core modules on V8, in worker threads that can be stopped at any moment. */
import { availableParallelism } from "node:os";
import process from "node:process";
import { PropError } from "../../errors.ts";
import type { Engine, FunctionSignature, RunLimits, RunOutcome, RunRequest } from "../engine.ts";
import { resolveEntry } from "../entry.ts";
import { parseInputs } from "../inputs.ts";
import type { ParsedModule } from "../module-info.ts";
import type { CompiledModule, Job, JobStreams } from "./job.ts";
import { ModuleLibrary, type ModuleRecord } from "./library.ts";
import { isCommand, outcomeOf, refusal } from "./outcome.ts";
import { Pool } from "./pool.ts";
import { StdinFeed } from "./stdin-feed.ts";

export interface V8EngineOptions {
  /** Runs at a time; the others wait. Twice the cores by default, at least two. */
  maxWorkers?: number;
  /** Workers started at once and kept while idle; none by default. */
  minWorkers?: number;
  /** Milliseconds after which an idle worker ends: a minute by default. */
  idleMs?: number;
  /** For runs that set none. By default no time limit, 512 MiB of memory, 1 MiB of output. */
  limits?: RunLimits;
}

const mebibyte = 2 ** 20;

function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function streamsOf(request: RunRequest, entry: FunctionSignature, outputBytes: number): JobStreams {
  const { programName = "module", args = [], inputs = [], env = {}, stdin } = request;
  return {
    args: [programName, ...args, ...(isCommand(entry) ? inputs : [])],
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    stdin: stdin instanceof Uint8Array ? ownBytes(stdin) : (stdin ?? new Uint8Array(0)),
    output: request.output,
    outputBytes,
  };
}

interface Limits {
  wallTimeMs: number | undefined;
  memoryBytes: number;
  outputBytes: number;
}

function planJob(
  module: CompiledModule,
  { info }: ParsedModule,
  entry: FunctionSignature,
  request: RunRequest,
  limits: Limits,
): Job {
  return {
    module,
    entry: entry.name,
    values: isCommand(entry) ? [] : parseInputs(entry, request.inputs ?? []),
    streams: info.imports.length === 0 ? undefined : streamsOf(request, entry, limits.outputBytes),
    wallTimeMs: limits.wallTimeMs,
    signal: request.signal,
  };
}

/**
 * Creates an engine that runs core modules (WASI preview 1) on V8. It starts its workers as runs need them, keeps no
 * process alive while nothing runs, and must be closed to end them at once.
 */
export function createV8Engine(options: V8EngineOptions = {}): Engine {
  const defaults: Limits = {
    wallTimeMs: options.limits?.wallTimeMs,
    memoryBytes: options.limits?.memoryBytes ?? 512 * mebibyte,
    outputBytes: options.limits?.outputBytes ?? mebibyte,
  };
  const pool = new Pool({
    maxWorkers: options.maxWorkers ?? Math.max(2, 2 * availableParallelism()),
    minWorkers: options.minWorkers ?? 0,
    idleMs: options.idleMs ?? 60_000,
    stdin: new StdinFeed(() => process.stdin),
  });
  const library = new ModuleLibrary(defaults.memoryBytes, (moduleId) => pool.forget(moduleId));

  async function run(record: ModuleRecord, request: RunRequest): Promise<RunOutcome> {
    const { parsed } = record;
    const limits = { ...defaults, ...request.limits };
    const entry = resolveEntry(parsed.info.functions, request.entry, request.exact ?? false);
    const module = await library.compiledFor(record, limits.memoryBytes);
    const job = planJob(module, parsed, entry, request, limits);
    return outcomeOf(job, entry, await pool.submit(job), parsed.info.memoryBytes);
  }

  return {
    prepare: (bytes) => library.prepare(bytes),
    async run(module, request) {
      const record = library.recordOf(module);
      try {
        return await library.use(record, () => run(record, request));
      } catch (error) {
        if (error instanceof PropError) return refusal(error);
        throw error;
      }
    },
    close: () => pool.close(),
  };
}
