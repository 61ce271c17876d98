/** The owner of one worker thread: gives it one run at a time and stops it where the run must end. */
import { Worker } from "node:worker_threads";
import { messageOf } from "../../errors.ts";
import type { Ending, Job, JobResult, JobStreams, StopReason } from "./job.ts";
import type { FromWorker, RunMessage, WasiRun } from "./messages.ts";
import { OutputBuffers } from "./output-buffers.ts";
import { SharedState } from "./shared-state.ts";
import type { StdinFeed } from "./stdin-feed.ts";

const script = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
const inputBytes = 65_536;
const longestTimerMs = 2 ** 31 - 1;

/** Bounds what a worker takes besides linear memory: WasmGC objects and tables live in its heap. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

export interface RunnerEvents {
  /** It can take a job: at first, and after each one. Called before the job that ended is settled. */
  onFree(runner: Runner): void;
  /** Its thread is gone. */
  onGone(runner: Runner, reason: string): void;
}

interface Assignment {
  job: Job;
  settle(result: JobResult): void;
}

export class Runner {
  readonly #worker: Worker;
  readonly #events: RunnerEvents;
  readonly #stdin: StdinFeed;
  readonly #state = new SharedState();
  readonly #output = new OutputBuffers();
  readonly #known = new Set<number>();
  readonly #gone: Promise<void>;
  #input: SharedArrayBuffer | undefined;
  #current: Assignment | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Aborted when the run that waits for input is over. */
  #feeding = new AbortController();
  #stopped: StopReason | undefined;
  #crash = "";
  #referenced = true;

  constructor(stdin: StdinFeed, events: RunnerEvents) {
    this.#stdin = stdin;
    this.#events = events;
    this.#worker = new Worker(script, {
      workerData: this.#state.buffer,
      name: "prop-engine",
      env: {},
      execArgv: [],
      resourceLimits,
    });
    this.#worker.on("message", (message: FromWorker) => this.#receive(message));
    this.#worker.on("error", (error) => {
      this.#crash = messageOf(error);
    });
    this.#gone = new Promise((resolve) => {
      this.#worker.once("exit", (code) => {
        this.#exited(code);
        resolve();
      });
    });
  }

  assign(job: Job, settle: (result: JobResult) => void): void {
    this.#current = { job, settle };
    this.#reference(true);
    this.#state.reset();
    const message: RunMessage = {
      kind: "run",
      moduleId: job.module.id,
      entry: job.entry,
      values: job.values,
    };
    if (!this.#known.has(job.module.id)) {
      message.load = job.module.load;
      this.#known.add(job.module.id);
    }
    if (job.streams !== undefined) message.wasi = this.#wasi(job.streams);
    this.#worker.postMessage(message);
    if (job.wallTimeMs !== undefined) this.#watch(job.wallTimeMs, job.wallTimeMs);
  }

  /** Lets the process end while this worker has nothing to do. */
  rest(): void {
    this.#reference(false);
  }

  /** Ends the thread, whatever it is doing. The run under way ends as stopped. */
  stop(by: StopReason): Promise<void> {
    this.#stopped ??= by;
    this.#feeding.abort();
    this.#reference(true);
    void this.#worker.terminate();
    return this.#gone;
  }

  forget(moduleId: number): void {
    if (this.#known.delete(moduleId)) this.#worker.postMessage({ kind: "forget", moduleId });
  }

  #reference(referenced: boolean): void {
    if (this.#referenced === referenced) return;
    this.#referenced = referenced;
    if (referenced) this.#worker.ref();
    else this.#worker.unref();
  }

  #wasi({ args, env, stdin, output, outputBytes }: JobStreams): WasiRun {
    const run: WasiRun = {
      args,
      env,
      output: output === "inherit" ? output : this.#output.reserve(outputBytes),
    };
    if (stdin === "inherit") {
      this.#input ??= new SharedArrayBuffer(inputBytes);
      run.stdin = this.#input;
      this.#feeding = new AbortController();
    } else if (stdin.length > 0) {
      run.stdin = stdin;
    }
    return run;
  }

  /** The limit counts from the moment the code starts, which the worker notes in the shared state. */
  #watch(limitMs: number, waitMs: number): void {
    this.#timer = setTimeout(
      () => {
        const leftMs = limitMs - this.#state.elapsedMs();
        if (leftMs > 0) this.#watch(limitMs, leftMs);
        else void this.stop("time");
      },
      Math.min(Math.ceil(waitMs), longestTimerMs),
    );
  }

  #receive(message: FromWorker): void {
    if (this.#stopped !== undefined) return;
    if (message.kind === "input-wanted") void this.#feed();
    else if (message.kind === "ready") this.#events.onFree(this);
    else {
      const settle = this.#conclude(message.ending, message.wallMs, message.memoryBytes);
      this.#events.onFree(this);
      settle();
    }
  }

  async #feed(): Promise<void> {
    const input = this.#input;
    if (input === undefined) return;
    const { signal } = this.#feeding;
    for (;;) {
      await this.#stdin.readable(signal);
      if (signal.aborted) return;
      const chunk = this.#stdin.take(inputBytes);
      if (chunk === undefined) continue;
      new Uint8Array(input).set(chunk);
      this.#state.inputReady(chunk.length);
      return;
    }
  }

  /** What is to be told to whom about the job under way; afterwards there is none. */
  #conclude(ending: Ending, wallMs: number, memoryBytes: number): () => void {
    const assignment = this.#current;
    const result = { ending, wallMs, memoryBytes, ...this.#output.collected(this.#state) };
    this.#current = undefined;
    clearTimeout(this.#timer);
    if (assignment?.job.streams?.stdin === "inherit") this.#feeding.abort();
    return () => assignment?.settle(result);
  }

  #exited(code: number): void {
    const reason = this.#crash || `the worker exited with code ${code}`;
    const ending: Ending =
      this.#stopped === undefined ? { kind: "crashed", reason } : { kind: "stopped", by: this.#stopped };
    const settle = this.#conclude(ending, this.#state.elapsedMs(), this.#state.memoryBytes);
    this.#events.onGone(this, reason);
    settle();
  }
}
