/** Promises that are kept already, for a library that asks for promises. */

/**
 * Answers in the stack of the caller. With real promises Aedes would number a message of QoS 1 or 2, or a retained
 * one, wait, and hand on a later message of QoS 0 first; the earlier one then carries a lower number than the last
 * that a subscriber got, and is thrown away as its duplicate.
 */
export class Settled<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  // biome-ignore lint/suspicious/noThenProperty: Aedes calls it; being there is the purpose of this class
  then(onValue: (value: T) => void): void {
    onValue(this.#value);
  }

  finally(onSettled: () => void): void {
    onSettled();
  }
}

const NOT_FOUND = new Error("no such packet");

/** The same for what is not there. */
export class Missing {
  // biome-ignore lint/suspicious/noThenProperty: as above
  then(_onValue: unknown, onError: (error: Error) => void): void {
    onError(NOT_FOUND);
  }
}
