/** Watches this very process while it is being abused: what nobody caught, how long it stood still, what it holds. */
import { setTimeout as delay } from "node:timers/promises";

const TICK_MS = 50;

export interface Watch {
  /** What was thrown and never caught, or logged as a bug. */
  readonly bugs: readonly string[];
  bug(text: string): void;
  /** The longest time that the event loop was held by work of ours. Milliseconds. */
  readonly longestStallMs: number;
  /** Bytes of JavaScript objects that are in use, after a collection. */
  heapBytes(): Promise<number>;
  stop(): void;
}

export function watchProcess(): Watch {
  const bugs: string[] = [];
  const note = (what: string) => (error: unknown) =>
    void bugs.push(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
  const onRejection = note("unhandled rejection");
  const onException = note("uncaught exception");
  process.on("unhandledRejection", onRejection);
  process.on("uncaughtException", onException);

  let longestStallMs = 0;
  let at = performance.now();
  let used = process.cpuUsage();
  const ticker = setInterval(() => {
    const late = performance.now() - at - TICK_MS;
    const { user, system } = process.cpuUsage(used);
    // On a busy machine others hold the processor: that is no stall of ours.
    longestStallMs = Math.max(longestStallMs, Math.min(late, (user + system) / 1_000));
    restart();
  }, TICK_MS);
  function restart(): void {
    at = performance.now();
    used = process.cpuUsage();
  }

  return {
    bugs,
    bug: (text) => void bugs.push(text),
    get longestStallMs() {
      return longestStallMs;
    },
    async heapBytes() {
      // What waits for a turn of the loop is not kept.
      await delay(20);
      globalThis.gc?.();
      restart();
      return process.memoryUsage().heapUsed;
    },
    stop() {
      clearInterval(ticker);
      process.off("unhandledRejection", onRejection);
      process.off("uncaughtException", onException);
    },
  };
}
