/** Ends what was started, the last first. */

export interface Closers {
  /** Adds what ends something that was just started. */
  add(close: () => Promise<void> | undefined | void): void;
  /** Runs them all, once; the errors of some don't keep the others from it. */
  close(): Promise<void>;
}

export function createClosers(): Closers {
  const added: (() => Promise<void> | undefined | void)[] = [];
  let closing: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = added.pop(); close !== undefined; close = added.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors);
  }

  return {
    add(close) {
      added.push(close);
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}
