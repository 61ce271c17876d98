/** The end of a command that serves until it is told to stop. */
import { once } from "node:events";
import process from "node:process";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface StopOptions {
  /** Ends the process where `serve` takes longer to end than this, in milliseconds. No limit by default. */
  graceMs?: number;
}

/** Runs `serve` with a signal that the first SIGINT, SIGTERM or SIGHUP aborts; a second one ends the process at once. */
export async function untilStopped(
  serve: (signal: AbortSignal) => Promise<void>,
  { graceMs }: StopOptions = {},
): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    // Whatever still holds the process then: all that was acknowledged is on disk already.
    if (graceMs !== undefined) setTimeout(() => process.exit(0), graceMs).unref();
  };
  for (const name of signals) process.on(name, stop);
  try {
    await serve(controller.signal);
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}

/** Resolves once the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
