/** The end of a command that runs until it is told to stop. */

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs `stop` at the first SIGINT, SIGTERM or SIGHUP, and resolves when it is done. A second one ends the process at
 * once; so does `graceMs` where `stop` takes longer.
 */
export function runUntilSignal(stop: () => Promise<void>, { graceMs }: { graceMs: number }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) process.exit(130);
    isStopping = true;
    // Whatever still holds the process then: all that was acknowledged is on disk already.
    setTimeout(() => process.exit(0), graceMs).unref();
    stop().then(resolve, reject);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return promise;
}
