/** Compiled modules: the same bytes compile once for each memory limit, and are kept while somebody holds them. */
import { createHash } from "node:crypto";
import { messageOf, PropError } from "../../errors.ts";
import { malformed } from "../byte-reader.ts";
import type { FunctionSignature, PreparedModule } from "../engine.ts";
import { checkHeapUse } from "../heap-limit.ts";
import { checkImports } from "../imports-check.ts";
import { limitMemory } from "../memory-limit.ts";
import { type ParsedModule, parseModule } from "../module-info.ts";
import type { CompiledModule } from "./job.ts";

function isInitializer({ name, parameters, results }: FunctionSignature): boolean {
  return name === "_initialize" && parameters.length === 0 && results.length === 0;
}

/** A module that somebody holds or runs. */
export interface ModuleRecord {
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly parsed: ParsedModule;
  /** Compiled, by memory limit in bytes; the unlimited one under infinity. */
  readonly compiled: Map<number, Promise<CompiledModule>>;
  handles: number;
  runs: number;
}

async function compile(bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw malformed(messageOf(error).replace(/^WebAssembly\.compile\(\): /, ""));
  }
}

function parseRunnable(bytes: Uint8Array): ParsedModule {
  const parsed = parseModule(bytes);
  if (parsed.info.kind === "component") {
    throw new PropError({
      code: "MODULE_UNSUPPORTED",
      message: "this is a WebAssembly component, and this engine runs core modules only",
      hint: "Build a core module for WASI preview 1 (wasm32-wasip1).",
    });
  }
  checkImports(parsed);
  checkHeapUse(parsed);
  return parsed;
}

export class ModuleLibrary {
  readonly #records = new Map<string, ModuleRecord>();
  readonly #byHandle = new WeakMap<PreparedModule, ModuleRecord>();
  readonly #defaultLimitBytes: number;
  readonly #forget: (moduleId: number) => void;
  #nextId = 1;

  constructor(defaultLimitBytes: number, forget: (moduleId: number) => void) {
    this.#defaultLimitBytes = defaultLimitBytes;
    this.#forget = forget;
  }

  async prepare(bytes: Uint8Array): Promise<PreparedModule> {
    const parsed = parseRunnable(bytes);
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const record = this.#records.get(digest) ?? {
      digest,
      bytes,
      parsed,
      compiled: new Map(),
      handles: 0,
      runs: 0,
    };
    this.#records.set(digest, record);
    record.handles++;
    try {
      await this.compiledFor(record, Math.max(this.#defaultLimitBytes, parsed.info.memoryBytes));
    } catch (error) {
      record.handles--;
      this.#dropIfUnused(record);
      throw error;
    }
    return this.#handle(record);
  }

  /** @returns the record behind a handle; one that is released already is a bug of the caller. */
  recordOf(module: PreparedModule): ModuleRecord {
    const record = this.#byHandle.get(module);
    if (record === undefined)
      throw new Error(`module ${module.digest} is not prepared by this engine, or released`);
    return record;
  }

  /**
   * The module compiled so that its memory stays within the limit.
   * @throws PropError `MEMORY_LIMIT`, `MODULE_INVALID`
   */
  compiledFor(record: ModuleRecord, limitBytes: number): Promise<CompiledModule> {
    const known = record.compiled.get(limitBytes);
    if (known !== undefined) return known;
    const compiled = this.#compile(record, limitBytes);
    record.compiled.set(limitBytes, compiled);
    return compiled;
  }

  /** Keeps the module until the run has ended, also where it is released meanwhile. */
  async use<T>(record: ModuleRecord, run: () => Promise<T>): Promise<T> {
    record.runs++;
    try {
      return await run();
    } finally {
      record.runs--;
      this.#dropIfUnused(record);
    }
  }

  async #compile(record: ModuleRecord, limitBytes: number): Promise<CompiledModule> {
    const { bytes, parsed } = record;
    const limited = limitMemory(bytes, parsed, limitBytes);
    const unlimited = Number.POSITIVE_INFINITY;
    if (limited.capBytes === undefined && limitBytes !== unlimited)
      return this.compiledFor(record, unlimited);
    return {
      id: this.#nextId++,
      capBytes: limited.capBytes,
      load: {
        compiled: await compile(limited.bytes),
        memoryName: parsed.memoryName,
        initializes: parsed.info.functions.some(isInitializer),
      },
    };
  }

  #handle(record: ModuleRecord): PreparedModule {
    const handle: PreparedModule = {
      digest: record.digest,
      sizeBytes: record.bytes.length,
      info: record.parsed.info,
      release: () => {
        if (!this.#byHandle.delete(handle)) return;
        record.handles--;
        this.#dropIfUnused(record);
      },
    };
    this.#byHandle.set(handle, record);
    return handle;
  }

  #dropIfUnused(record: ModuleRecord): void {
    if (record.handles > 0 || record.runs > 0) return;
    this.#records.delete(record.digest);
    for (const pending of record.compiled.values()) {
      pending.then(
        ({ id }) => this.#forget(id),
        () => {},
      );
    }
  }
}
