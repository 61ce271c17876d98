/** Ctrl-C as an AbortSignal, for work that has something to end before the process does. */

/** What a process that Ctrl-C ended exits with: 128 + SIGINT. */
export const interruptedExitCode = 130;

/**
 * Runs `work` with a signal that the first Ctrl-C aborts; a second one ends the process as if nobody listened.
 * @returns the work's result; "interrupted" where it ended after Ctrl-C, whichever way
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | "interrupted"> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once("SIGINT", interrupt);
  try {
    const result = await work(controller.signal);
    return controller.signal.aborted ? "interrupted" : result;
  } catch (error) {
    if (controller.signal.aborted) return "interrupted";
    throw error;
  } finally {
    process.off("SIGINT", interrupt);
  }
}
