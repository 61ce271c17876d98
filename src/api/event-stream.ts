/** One client's stream of server-sent events: batched writes, heartbeats, and an end for who does not read. */
import type { ServerResponse } from "node:http";

const HEARTBEAT_MS = 15_000;
/** How long a client should wait before it reconnects. */
const RETRY_MS = 500;

export interface EventStreamOptions {
  /** What is sent before anything else, however much it is. */
  replay: string;
  /** A client that has more than this unread, beside the replay, is dropped; it resumes where it was. */
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
  { replay, maxBufferedBytes, onEnd }: EventStreamOptions,
): EventStream {
  const opening = `retry: ${RETRY_MS}\n\n${replay}`;
  const mostBuffered = maxBufferedBytes + Buffer.byteLength(opening);
  let pending = "";
  let scheduled: NodeJS.Immediate | undefined;
  const flush = () => {
    scheduled = undefined;
    response.write(pending);
    pending = "";
    if (response.writableLength > mostBuffered) response.destroy();
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
  response.write(opening);
  return {
    send,
    end() {
      clearImmediate(scheduled);
      if (!response.writableEnded) response.end(pending);
    },
  };
}
