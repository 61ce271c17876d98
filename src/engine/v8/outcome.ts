/** Turns how a job ended into what the caller of a run is told. */
import { PropError } from "../../errors.ts";
import type { FunctionSignature, RunOutcome } from "../engine.ts";
import { formatResult } from "../inputs.ts";
import { sizeText } from "../size-text.ts";
import { type Ending, type Job, type JobResult, neverRan, type StopReason } from "./job.ts";

const text = new TextDecoder();

/** `_start` is how a WASI command is run: its result is what it prints. */
export function isCommand({ name, parameters }: FunctionSignature): boolean {
  return name === "_start" && parameters.length === 0;
}

/** A module that fails with this share of its memory used, or more, failed for want of it. */
const nearlyFull = 7 / 8;

function memoryFailure(job: Job, memoryBytes: number): PropError | undefined {
  const { capBytes } = job.module;
  if (capBytes === undefined || memoryBytes < capBytes * nearlyFull) return undefined;
  return new PropError({
    code: "MEMORY_LIMIT",
    message: `memory limit of ${sizeText(capBytes)} reached`,
    hint: `The module failed with ${sizeText(memoryBytes)} of memory in use. Raise the limit if it needs more.`,
  });
}

function stopFailure(job: Job, by: StopReason): PropError {
  if (by === "time") {
    return new PropError({
      code: "TIME_LIMIT",
      message: `stopped after ${job.wallTimeMs} ms: the wall-time limit`,
      hint: "Raise the time limit if the module needs longer.",
    });
  }
  const reason = by === "close" ? "the engine was closed" : "the caller gave it up";
  return new PropError({ code: "RUN_CANCELLED", message: `the run was cancelled: ${reason}` });
}

function trapFailure(job: Job, at: "instantiate" | "call", reason: string): PropError {
  const what = at === "call" ? `call function '${job.entry}'` : "instantiate the module";
  return new PropError({ code: "MODULE_TRAPPED", message: `Failed to ${what}: wasm trap: ${reason}` });
}

function failureOf(job: Job, ending: Ending, memoryBytes: number): PropError | undefined {
  switch (ending.kind) {
    case "returned":
      return undefined;
    case "exited":
      return ending.code === 0 ? undefined : memoryFailure(job, memoryBytes);
    case "trapped":
      return memoryFailure(job, memoryBytes) ?? trapFailure(job, ending.at, ending.reason);
    case "stopped":
      return stopFailure(job, ending.by);
    case "output-limit":
      return new PropError({
        code: "OUTPUT_LIMIT",
        message: `stopped: it printed more than the output limit of ${sizeText(job.streams?.outputBytes ?? 0)}`,
        hint: "Raise the output limit, or let the module print less.",
      });
    case "no-memory":
      return new PropError({
        code: "MEMORY_UNAVAILABLE",
        message: "this machine has no memory left for the module",
        hint: "Run fewer modules at a time, or set a lower memory limit.",
      });
    case "crashed":
      return new PropError({
        code: "WORKER_CRASHED",
        message: `the engine's worker failed: ${ending.reason}`,
      });
  }
}

function resultOf(entry: FunctionSignature, { ending, stdout }: JobResult): string {
  if (isCommand(entry)) return text.decode(stdout);
  return ending.kind === "returned" ? formatResult(entry.results[0], ending.value) : "";
}

/** The outcome of a job; `initialBytes` is the memory its module starts with. */
export function outcomeOf(
  job: Job,
  entry: FunctionSignature,
  jobResult: JobResult,
  initialBytes: number,
): RunOutcome {
  const { ending, wallMs, stdout, stderr } = jobResult;
  const memoryBytes = Math.max(jobResult.memoryBytes, initialBytes);
  const failure = failureOf(job, ending, memoryBytes);
  const usage = { wallMs, memoryBytes };
  if (failure !== undefined) return { result: "", exitCode: 1, stdout, stderr, usage, failure };
  const exitCode = ending.kind === "exited" ? ending.code : 0;
  return { result: resultOf(entry, jobResult), exitCode, stdout, stderr, usage };
}

/** The outcome of a run whose request can't be met: no code ran. */
export function refusal(failure: PropError): RunOutcome {
  const { stdout, stderr } = neverRan({ kind: "returned", value: undefined });
  return { result: "", exitCode: 1, stdout, stderr, usage: { wallMs: 0, memoryBytes: 0 }, failure };
}
