/** Workers and the jobs that wait for them, first come, first served. */
import { type Job, type JobResult, neverRan } from "./job.ts";
import { Runner } from "./runner.ts";
import type { StdinFeed } from "./stdin-feed.ts";

export interface PoolOptions {
  maxWorkers: number;
  minWorkers: number;
  idleMs: number;
  stdin: StdinFeed;
}

interface Ticket {
  job: Job;
  settle(result: JobResult): void;
  runner?: Runner;
}

export class Pool {
  readonly #options: PoolOptions;
  /** A set keeps the order of arrival and lets a cancelled job leave from the middle. */
  readonly #queue = new Set<Ticket>();
  readonly #runners = new Set<Runner>();
  readonly #starting = new Set<Runner>();
  /** The one used last is at the end and is used next; with the time since when it is idle. */
  readonly #idle = new Map<Runner, number>();
  readonly #stopping = new Set<Promise<void>>();
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    for (let count = 0; count < options.minWorkers; count++) this.#start();
  }

  /** Runs a job on the next free worker. */
  submit(job: Job): Promise<JobResult> {
    if (this.#closed) return Promise.resolve(neverRan({ kind: "stopped", by: "close" }));
    if (job.signal?.aborted) return Promise.resolve(neverRan({ kind: "stopped", by: "cancel" }));
    return new Promise((resolve) => {
      const ticket: Ticket = { job, settle: resolve };
      if (job.signal !== undefined) this.#obey(job.signal, ticket);
      this.#queue.add(ticket);
      this.#dispatch();
    });
  }

  forget(moduleId: number): void {
    for (const runner of this.#runners) runner.forget(moduleId);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#sweep);
    const waiting = [...this.#queue];
    this.#queue.clear();
    for (const ticket of waiting) ticket.settle(neverRan({ kind: "stopped", by: "close" }));
    for (const runner of this.#runners) this.#end(runner, "close");
    await Promise.all(this.#stopping);
  }

  #obey(signal: AbortSignal, ticket: Ticket): void {
    const cancel = () => {
      if (ticket.runner !== undefined) this.#end(ticket.runner, "cancel");
      else if (this.#queue.delete(ticket)) ticket.settle(neverRan({ kind: "stopped", by: "cancel" }));
    };
    const { settle } = ticket;
    ticket.settle = (result) => {
      signal.removeEventListener("abort", cancel);
      settle(result);
    };
    signal.addEventListener("abort", cancel, { once: true });
  }

  #dispatch(): void {
    for (const ticket of this.#queue) {
      const runner = this.#takeIdle();
      if (runner === undefined) break;
      this.#queue.delete(ticket);
      ticket.runner = runner;
      runner.assign(ticket.job, ticket.settle);
    }
    while (this.#starting.size < this.#queue.size && this.#runners.size < this.#options.maxWorkers)
      this.#start();
  }

  #takeIdle(): Runner | undefined {
    let last: Runner | undefined;
    for (const runner of this.#idle.keys()) last = runner;
    if (last !== undefined) this.#idle.delete(last);
    return last;
  }

  #start(): void {
    const runner = new Runner(this.#options.stdin, {
      onFree: (free) => this.#freed(free),
      onGone: (gone, reason) => this.#lost(gone, reason),
    });
    this.#runners.add(runner);
    this.#starting.add(runner);
  }

  #freed(runner: Runner): void {
    this.#starting.delete(runner);
    this.#idle.set(runner, Date.now());
    this.#dispatch();
    if (!this.#idle.has(runner)) return;
    runner.rest();
    this.#sweepLater(this.#options.idleMs);
  }

  #lost(runner: Runner, reason: string): void {
    this.#runners.delete(runner);
    this.#idle.delete(runner);
    const neverStarted = this.#starting.delete(runner);
    if (this.#closed) return;
    if (neverStarted) this.#failNext(reason);
    else if (this.#runners.size < this.#options.minWorkers) this.#start();
    this.#dispatch();
  }

  /** A worker that cannot even start would be started for ever: a job fails with it. */
  #failNext(reason: string): void {
    for (const ticket of this.#queue) {
      this.#queue.delete(ticket);
      ticket.settle(neverRan({ kind: "crashed", reason }));
      return;
    }
  }

  #end(runner: Runner, by: "cancel" | "close"): void {
    this.#idle.delete(runner);
    const ended = runner.stop(by);
    this.#stopping.add(ended);
    void ended.then(() => this.#stopping.delete(ended));
  }

  #sweepLater(delayMs: number): void {
    if (this.#sweep !== undefined || this.#closed) return;
    this.#sweep = setTimeout(() => this.#sweepIdle(), delayMs);
    this.#sweep.unref();
  }

  /** Ends the workers that were idle long enough, the longest idle first. */
  #sweepIdle(): void {
    this.#sweep = undefined;
    const { idleMs, minWorkers } = this.#options;
    for (const [runner, since] of this.#idle) {
      const leftMs = since + idleMs - Date.now();
      if (leftMs > 0) {
        this.#sweepLater(leftMs);
        return;
      }
      if (this.#runners.size - this.#stopping.size <= minWorkers) return;
      this.#end(runner, "close");
    }
  }
}
