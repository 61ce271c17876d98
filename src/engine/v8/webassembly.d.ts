/** The part of the WebAssembly JavaScript interface that the engine uses: Node's own types leave it out. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
    private readonly compiled: true;
  }

  class Memory {
    private constructor();
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
  }

  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, (...values: never[]) => unknown>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }

  class Exception {
    private constructor();
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  function compile(bytes: Uint8Array): Promise<Module>;
}
