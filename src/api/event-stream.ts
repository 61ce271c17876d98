/** One client's stream of server-sent events: batched writes, heartbeats, and an end for who does not read. */
import type { ServerResponse } from "node:http";

const HEARTBEAT_MS = 15_000;
/** How long a client should wait before it reconnects. */
const RETRY_MS = 500;

export interface EventStreamOptions {
  /** A client that has more than this unread is dropped; it resumes where it was. */
  maxBufferedBytes: number;
  /** Called once, however the stream ends. */
  onEnd(): void;
}

export interface EventStream {
  send(frame: string): void;
  end(): void;
}

/** Answers with an endless body of `text/event-stream`. */
export function openEventStream(
  response: ServerResponse,
  { maxBufferedBytes, onEnd }: EventStreamOptions,
): EventStream {
  let pending = "";
  let scheduled: NodeJS.Immediate | undefined;
  const flush = () => {
    scheduled = undefined;
    response.write(pending);
    pending = "";
    if (response.writableLength > maxBufferedBytes) response.destroy();
  };
  const send = (frame: string) => {
    if (response.writableEnded || response.destroyed) return;
    pending += frame;
    scheduled ??= setImmediate(flush);
  };
  const heartbeat = setInterval(() => send(":\n\n"), HEARTBEAT_MS);
  response.once("close", () => {
    clearInterval(heartbeat);
    clearImmediate(scheduled);
    onEnd();
  });
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  return {
    send,
    end() {
      clearImmediate(scheduled);
      if (!response.writableEnded) response.end(pending);
    },
  };
}
