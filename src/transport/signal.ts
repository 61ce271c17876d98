/** Listeners of one event, and the one way in which the transports call code that isn't theirs. */

/**
 * Calls a handler so that what it throws ends the process as an uncaught exception. Thrown through the MQTT
 * library it would stop the library between two packets, and a stream on the way might swallow it.
 */
export function callLoudly<T extends unknown[]>(handler: (...values: T) => void, ...values: T): void {
  try {
    handler(...values);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

export interface Signal<T extends unknown[]> {
  /** Returns what takes the listener away. */
  on(listener: (...values: T) => void): () => void;
  emit(...values: T): void;
  clear(): void;
}

/** An event with any number of listeners. */
export function createSignal<T extends unknown[] = []>(): Signal<T> {
  const listeners = new Set<{ call: (...values: T) => void }>();
  return {
    on(listener) {
      const entry = { call: listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    emit(...values) {
      for (const { call } of [...listeners]) callLoudly(call, ...values);
    },
    clear: () => listeners.clear(),
  };
}
