/** SIGINT and SIGTERM as an AbortSignal, for a process that serves until it is told to stop. */
import process from "node:process";

const signals = ["SIGINT", "SIGTERM"] as const;

/** Runs `serve` with a signal that the first SIGINT or SIGTERM aborts; a second one ends the process at once. */
export async function untilStopped(serve: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  for (const name of signals) process.on(name, stop);
  try {
    await serve(controller.signal);
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}
