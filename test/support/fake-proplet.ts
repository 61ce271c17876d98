/** A proplet that is only its messages: the test says what it answers. */
import type { Broker } from "../../src/broker/broker.ts";
import type { Topics } from "../../src/protocol/topics.ts";
import { connectInProcess } from "../../src/transport/in-process.ts";
import { createInbox } from "./inbox.ts";

/** What a proplet of our own announces. */
export const ourFeatures = ["direct", "ack", "digest"];

export type FakeProplet = Awaited<ReturnType<typeof joinAs>>;

export interface JoinOptions {
  broker: Broker;
  topics: Topics;
  id: string;
  /** Speaks our extensions too; a legacy proplet by default. */
  features?: string[];
  bootId?: string;
  slots?: number;
  /** What it says of itself; `{os: "linux"}` by default. */
  metadata?: object;
}

/** Joins the channel as proplet `id`: subscribes to its commands, introduces itself. */
export async function joinAs(options: JoinOptions) {
  const { broker, topics, id, features = [], bootId, slots, metadata = { os: "linux" } } = options;
  const transport = connectInProcess(broker, { clientId: id, qos: 1 });
  const inbox = createInbox<Record<string, unknown>>();
  const direct = features.includes("direct");
  for (const kind of ["start", "stop", "invoke", "received", "announce", "chunk"] as const) {
    if ((kind === "received" || kind === "announce") && !direct) continue;
    await transport.subscribe(topics.of(kind, direct ? id : undefined), ({ payload }) => {
      const message = JSON.parse(Buffer.from(payload).toString());
      if (direct || message.proplet_id === undefined || message.proplet_id === id)
        inbox.put({ kind, ...message });
    });
  }
  const send = (kind: Parameters<Topics["of"]>[0], message: object, options = {}) =>
    transport.publish(topics.of(kind), JSON.stringify(message), options);
  const boot = bootId === undefined ? {} : { boot_id: bootId };
  const extensions = direct ? { features, capacity: { slots: slots ?? 4 }, ...boot } : {};
  const discover = (more: object = {}) =>
    send("discovery", { proplet_id: id, namespace: "default", metadata, ...extensions, ...more });
  const beat = (more: object = {}) =>
    send("heartbeat", { proplet_id: id, status: "alive", namespace: "default", ...boot, ...more });

  await discover();
  await beat();
  return {
    id,
    inbox,
    send,
    discover,
    beat,
    /** The next command of a kind. */
    next: (kind: string) => inbox.take((message) => message.kind === kind),
    accept: (message: Record<string, unknown>) =>
      send("accepted", { task_id: message.id, attempt: message.attempt, proplet_id: id }),
    finish: (message: Record<string, unknown>, results: unknown, error: string | null = null) =>
      send("results", { task_id: message.id, proplet_id: id, results, error, ...attempt(message) }),
    handBack: (message: Record<string, unknown>) =>
      send("results", {
        ...{ task_id: message.id, proplet_id: id, results: "", error: "shutting down", handed_back: true },
        ...attempt(message),
      }),
    offline: () => send("heartbeat", { proplet_id: id, status: "offline", namespace: "default" }),
    close: () => transport.close(),
  };
}

function attempt(message: Record<string, unknown>): object {
  return message.attempt === undefined ? {} : { attempt: message.attempt };
}
