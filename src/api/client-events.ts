/** Follows `GET /events` over reconnections. */
import { setTimeout as delay } from "node:timers/promises";
import { type EventSourceMessage, EventSourceParserStream } from "eventsource-parser/stream";
import { PropError } from "../errors.ts";
import type { ChangeEvent } from "../model/event.ts";
import { managerUnreachable, notAManager } from "./client-errors.ts";
import { type Connection, contentType, send } from "./client-request.ts";

export interface FollowOptions {
  /** Begins after this event; with the next one where it is not given. */
  lastEventId?: string;
  /** Only what happens to this task. */
  taskId?: string;
  /** Only events of this type. */
  type?: ChangeEvent["type"];
  /** Ends the stream, without an error. */
  signal?: AbortSignal;
  /** Called each time the stream is connected: what is asked for from then on will be seen. */
  onOpen?: () => void;
}

/** `reset`: events were missed; what was known of the manager has to be read anew. */
export interface FollowedEvent {
  id: string;
  at: string;
  event: ChangeEvent | { type: "reset" };
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;
/** With the delays above: about 40 seconds without a manager. */
const MOST_FAILURES = 10;

/**
 * The manager's events, in order. A connection that breaks is made anew, from the last event on.
 *
 * @throws PropError `MANAGER_UNREACHABLE` where the first connection fails, or ten one after another later
 */
export async function* followEvents(
  connection: Connection,
  options: FollowOptions,
): AsyncGenerator<FollowedEvent, void, undefined> {
  const stopped = anyOf(connection.signal, options.signal);
  const target = { ...connection, signal: stopped };
  let { lastEventId } = options;
  let retryMs = FIRST_RETRY_MS;
  let failures = 0;
  let opened = false;
  while (!stopped.aborted) {
    try {
      const messages = await openStream(target, { ...options, lastEventId }, (ms) => {
        retryMs = ms;
      });
      opened = true;
      failures = 0;
      options.onOpen?.();
      for await (const message of messages) {
        const followed = readEvent(message);
        if (followed.id !== "") lastEventId = followed.id;
        yield followed;
      }
    } catch (error) {
      if (stopped.aborted) return;
      if (!opened || !isTransient(error) || failures >= MOST_FAILURES) throw error;
    }
    const pauseMs = Math.min(retryMs * 2 ** failures, LONGEST_RETRY_MS);
    failures++;
    await delay(pauseMs, undefined, { signal: stopped }).catch(() => undefined);
  }
}

type Opened = FollowOptions & { lastEventId: string | undefined };

async function openStream(
  connection: Connection,
  { lastEventId, taskId, type }: Omit<Opened, "signal">,
  onRetry: (ms: number) => void,
): Promise<AsyncIterable<EventSourceMessage>> {
  const response = await send(connection, "/events", {
    query: { task_id: taskId, type },
    headers: {
      accept: "text/event-stream",
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
    },
  });
  if (!response.body || !contentType(response)?.startsWith("text/event-stream")) {
    await response.body?.cancel();
    throw notAManager(connection.url, response.status, contentType(response));
  }
  const messages = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ onRetry }));
  return readable(connection, messages);
}

/** A stream that breaks while it is read says so as an unreachable manager does. */
async function* readable(
  { url }: Connection,
  messages: ReadableStream<EventSourceMessage>,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  try {
    yield* messages;
  } catch (failure) {
    throw managerUnreachable(url, failure);
  }
}

function readEvent({ id, event, data }: EventSourceMessage): FollowedEvent {
  const { at, ...rest } = JSON.parse(data) as { at: string } & ChangeEvent;
  return { id: id ?? "", at, event: event === "reset" ? { type: "reset" } : rest };
}

function isTransient(error: unknown): boolean {
  return (
    error instanceof PropError &&
    ["MANAGER_UNREACHABLE", "MANAGER_FAILED", "NOT_A_MANAGER"].includes(error.code)
  );
}

function anyOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
