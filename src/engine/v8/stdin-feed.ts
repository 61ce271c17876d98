/** Hands this process's own stdin to runs that inherit it, as they ask for it. */
import type { Readable } from "node:stream";

function setReferenced(stream: Readable, referenced: boolean): void {
  const method: unknown = Reflect.get(stream, referenced ? "ref" : "unref");
  if (typeof method === "function") method.call(stream);
}

/** Any of these may have changed what there is to take. */
const news = ["readable", "end", "error", "close"];

/** Opens the stream at the first read, and lets the process end while no run waits for it. */
export class StdinFeed {
  readonly #open: () => Readable;
  #stream: Readable | undefined;
  #waiting = 0;

  constructor(open: () => Readable) {
    this.#open = open;
  }

  /** Resolves when there is something to take, the end is reached, or the signal says that nobody wants it. */
  async readable(signal: AbortSignal): Promise<void> {
    this.#stream ??= this.#open();
    const stream = this.#stream;
    if (stream.readableLength > 0 || stream.readableEnded || stream.destroyed || signal.aborted) return;
    this.#waiting++;
    setReferenced(stream, true);
    await new Promise<void>((resolve) => {
      const wake = () => {
        for (const event of news) stream.off(event, wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      for (const event of news) stream.on(event, wake);
      signal.addEventListener("abort", wake);
    });
    this.#waiting--;
    if (this.#waiting === 0) setReferenced(stream, false);
  }

  /** Takes up to `limit` bytes: empty at the end, undefined where another run was faster. */
  take(limit: number): Uint8Array | undefined {
    const stream = this.#stream;
    if (stream === undefined) return undefined;
    const available = Math.min(limit, stream.readableLength);
    const chunk: unknown = available > 0 ? stream.read(available) : null;
    if (chunk instanceof Uint8Array) return chunk;
    return stream.readableEnded || stream.destroyed ? new Uint8Array(0) : undefined;
  }
}
