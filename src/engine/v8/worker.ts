/** The worker thread: runs modules, one at a time, each run in a fresh instance. */
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import type { WasmNumber } from "../inputs.ts";
import { createContext } from "../wasi/context.ts";
import { wasiImports } from "../wasi/imports.ts";
import { ProcessExit } from "../wasi/process.ts";
import { stdioDescriptors } from "../wasi/stdio.ts";
import type { CodeEnding, FromWorker, LoadedModule, RunMessage, ToWorker, WasiRun } from "./messages.ts";
import { SharedState } from "./shared-state.ts";
import { isOutOfMemory, trapReason } from "./traps.ts";
import { OutputLimitReached, workerStdio } from "./worker-stdio.ts";

const state = new SharedState(workerData);
const modules = new Map<number, LoadedModule>();
const context = createContext((byteLength) => {
  state.memoryBytes = byteLength;
});
const imports = wasiImports(context);

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function moduleOf({ moduleId, load }: RunMessage): LoadedModule {
  const known = load ?? modules.get(moduleId);
  if (known === undefined) throw new Error(`worker was never given module ${moduleId}`);
  if (load !== undefined) modules.set(moduleId, load);
  return known;
}

function enter(run: WasiRun): void {
  context.args = run.args;
  context.env = run.env;
  context.descriptors = stdioDescriptors(workerStdio(run, state, () => post({ kind: "input-wanted" })));
}

function call(instance: WebAssembly.Instance, name: string, values: WasmNumber[]): unknown {
  const target = instance.exports[name];
  if (typeof target !== "function") throw new Error(`export ${name} is no function`);
  return target(...values);
}

function firstNumber(returned: unknown): WasmNumber | undefined {
  const first: unknown = Array.isArray(returned) ? returned[0] : returned;
  return typeof first === "number" || typeof first === "bigint" ? first : undefined;
}

function endingOf(error: unknown, at: "instantiate" | "call"): CodeEnding {
  if (error instanceof ProcessExit) return { kind: "exited", code: error.code };
  if (error instanceof OutputLimitReached) return { kind: "output-limit" };
  if (isOutOfMemory(error)) return { kind: "no-memory" };
  const reason = trapReason(error);
  if (reason === undefined) throw error;
  return { kind: "trapped", at, reason };
}

function memoryOf(instance: WebAssembly.Instance, name: string | undefined): WebAssembly.Memory | undefined {
  const memory = name === undefined ? undefined : instance.exports[name];
  return memory instanceof WebAssembly.Memory ? memory : undefined;
}

/** Runs the code; `at` moves on so that an error says where it came from. */
function execute(module: LoadedModule, message: RunMessage): { ending: CodeEnding; memoryBytes: number } {
  let at: "instantiate" | "call" = "instantiate";
  let memory: WebAssembly.Memory | undefined;
  let ending: CodeEnding;
  try {
    const instance = new WebAssembly.Instance(module.compiled, imports);
    memory = memoryOf(instance, module.memoryName);
    context.memory.attach(memory);
    at = "call";
    if (module.initializes && message.entry !== "_initialize") call(instance, "_initialize", []);
    ending = { kind: "returned", value: firstNumber(call(instance, message.entry, message.values)) };
  } catch (error) {
    ending = endingOf(error, at);
  }
  const memoryBytes = memory?.buffer.byteLength ?? 0;
  context.memory.attach();
  return { ending, memoryBytes };
}

function run(message: RunMessage): void {
  const module = moduleOf(message);
  if (message.wasi !== undefined) enter(message.wasi);
  state.startedAtNs = process.hrtime.bigint();
  const { ending, memoryBytes } = execute(module, message);
  post({ kind: "ended", ending, wallMs: state.elapsedMs(), memoryBytes });
}

parentPort?.on("message", (message: ToWorker) => {
  if (message.kind === "run") run(message);
  else modules.delete(message.moduleId);
});
post({ kind: "ready" });
