/** Hears the channel: each message is parsed once and goes to the one who knows its kind. */
import { traceOf } from "../errors.ts";
import { decode, type MessageOf } from "../protocol/decode.ts";
import type { Decoder } from "../protocol/message.ts";
import type { TopicKind, Topics } from "../protocol/topics.ts";
import type { Message, Transport } from "../transport/transport.ts";
import type { Log } from "./log.ts";
import type { Meters } from "./meters/meters.ts";
import { nestsDeeper } from "./nesting.ts";

export type Handlers = { [K in TopicKind]?: (message: MessageOf[K], retained: boolean) => unknown };

export interface Receiver {
  open(): Promise<void>;
  close(): Promise<void>;
}

export interface ReceiverDependencies {
  transport: Transport;
  topics: Topics;
  handlers: Handlers;
  meters: Pick<Meters, "received">;
  log: Log;
}

export function createReceiver({ transport, topics, handlers, meters, log }: ReceiverDependencies): Receiver {
  const kinds = Object.keys(handlers) as (keyof Handlers)[];

  /** A malformed payload is logged and changes nothing; a handler that fails has a bug or a full disk, and says so. */
  function receive<K extends keyof Handlers>(kind: K): (message: Message) => void {
    const parse: Decoder<MessageOf[K]> = decode[kind];
    const handle = handlers[kind];
    return ({ payload, retain }) => {
      const decoded = parse(payload);
      meters.received(kind, !decoded.ok);
      if (!decoded.ok) return log.warn(`message dropped: ${decoded.reason}`);
      // Results answer for a task: they are refused where the task is known.
      if (kind !== "results" && nestsDeeper(decoded.message))
        return log.warn(`${kind} dropped: nests too deep`);
      const done = handle?.(decoded.message, retain);
      if (done instanceof Promise) done.catch((error: unknown) => log.error(`${kind}: ${traceOf(error)}`));
    };
  }

  return {
    async open() {
      for (const kind of kinds) await transport.subscribe(topics.of(kind), receive(kind));
    },
    async close() {
      await Promise.all(kinds.map((kind) => transport.unsubscribe(topics.of(kind)).catch(() => undefined)));
    },
  };
}
