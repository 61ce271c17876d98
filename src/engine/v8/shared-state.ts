/** The few numbers that a worker and the main thread share, so that they outlive a worker that is stopped. */
import process from "node:process";

const inputIdle = 0;
const inputWanted = 1;
const pageBytes = 65_536;

/** Shared between one worker and its owner. Every field is written whole, by `Atomics`. */
export class SharedState {
  readonly buffer: SharedArrayBuffer;
  readonly #startedAt: BigInt64Array;
  readonly #numbers: Int32Array;

  constructor(buffer = new SharedArrayBuffer(32)) {
    this.buffer = buffer;
    this.#startedAt = new BigInt64Array(buffer, 0, 1);
    this.#numbers = new Int32Array(buffer, 8, 6);
  }

  /** Before each run, by the owner. */
  reset(): void {
    Atomics.store(this.#startedAt, 0, 0n);
    this.#numbers.fill(0);
  }

  /** Nanoseconds of the clock that all threads of the process share; 0 while no code has run. */
  get startedAtNs(): bigint {
    return Atomics.load(this.#startedAt, 0);
  }

  set startedAtNs(value: bigint) {
    Atomics.store(this.#startedAt, 0, value);
  }

  /** Milliseconds since the module's code started, 0 where it has not. */
  elapsedMs(): number {
    const started = this.startedAtNs;
    return started === 0n ? 0 : Number(process.hrtime.bigint() - started) / 1e6;
  }

  get stdoutLength(): number {
    return Atomics.load(this.#numbers, 0);
  }

  set stdoutLength(value: number) {
    Atomics.store(this.#numbers, 0, value);
  }

  get stderrLength(): number {
    return Atomics.load(this.#numbers, 1);
  }

  set stderrLength(value: number) {
    Atomics.store(this.#numbers, 1, value);
  }

  /** Linear memory when the module last called the host. */
  get memoryBytes(): number {
    return Atomics.load(this.#numbers, 2) * pageBytes;
  }

  set memoryBytes(value: number) {
    Atomics.store(this.#numbers, 2, value / pageBytes);
  }

  /** Worker: asks for input by `ask` and sleeps until it is there. Returns its length, 0 at the end. */
  awaitInput(ask: () => void): number {
    Atomics.store(this.#numbers, 3, inputWanted);
    ask();
    Atomics.wait(this.#numbers, 3, inputWanted);
    return Atomics.load(this.#numbers, 4);
  }

  /** Owner: says that so many bytes of input lie ready. */
  inputReady(length: number): void {
    Atomics.store(this.#numbers, 4, length);
    Atomics.store(this.#numbers, 3, inputIdle);
    Atomics.notify(this.#numbers, 3);
  }
}
