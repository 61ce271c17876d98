/** Puts the control plane together: state from the store, messages from the transport, each to the one who knows. */
import { traceOf } from "../errors.ts";

import { decode, type MessageOf } from "../protocol/decode.ts";
import type { Decoder } from "../protocol/message.ts";
import type { TopicKind, Topics } from "../protocol/topics.ts";
import type { Store } from "../store/store.ts";
import type { Message, Transport } from "../transport/transport.ts";
import { createAttempts } from "./attempts.ts";
import { createCommands } from "./commands.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createEventLog } from "./event-log.ts";
import { createFunctions } from "./functions.ts";
import { createImages } from "./images.ts";
import { createInvocations } from "./invocations.ts";
import { createLiveness } from "./liveness.ts";
import type { Log } from "./log.ts";
import type { Manager } from "./manager.ts";
import { nestsDeeper } from "./nesting.ts";
import { createProplets } from "./proplets.ts";
import { createResults } from "./results.ts";
import { createState } from "./state.ts";
import { createTasks } from "./tasks.ts";

export interface ManagerOptions {
  store: Store;
  transport: Transport;
  topics: Topics;
  log: Log;
  now?: () => Date;
  /** A proplet silent for longer is taken for gone. Milliseconds; 25,000 by default: two heartbeats and a half. */
  offlineThresholdMs?: number;
  /** How long a proplet may take to accept a start. Milliseconds; 10,000 by default. */
  acceptTimeoutMs?: number;
  /** How many attempts may be lost with their proplets before a task fails. 5 by default. */
  maxAttempts?: number;
}

type Handlers = { [K in TopicKind]?: (message: MessageOf[K], retained: boolean) => unknown };

/** Starts a manager. It owns neither the store nor the transport: whoever opened them closes them after it. */
export async function createManager(options: ManagerOptions): Promise<Manager> {
  const { store, transport, topics, log, now = () => new Date() } = options;
  const { offlineThresholdMs = 25_000, acceptTimeoutMs = 10_000, maxAttempts = 5 } = options;
  const connected = () => transport.connected;
  const events = createEventLog(now);
  const snapshot = await store.load();
  const state = createState({ snapshot, store, events, log, now });
  const commands = createCommands({ transport, topics, store });
  const attempts = createAttempts({ state, commands, log, maxAttempts, acceptTimeoutMs });
  const dispatcher = createDispatcher({ state, attempts, connected });
  const liveness = createLiveness({ state, attempts, dispatcher, log, now, connected, offlineThresholdMs });
  const invocations = createInvocations({ state, commands, events });
  const results = createResults({ state, commands, log });
  const tasks = createTasks({ state, store, commands, invocations, log, now });
  const functions = createFunctions({ state, tasks, invocations, dispatcher, log, now });

  const handlers: Handlers = {
    discovery: liveness.discovered,
    heartbeat: liveness.heard,
    results: results.completed,
    accepted: results.accepted,
    invokeResults: invocations.answered,
    imageRequest: createImages({ store, transport, topics, log }),
    // Samples of what is unknown or deleted would stay in the store for ever.
    propletMetrics(message) {
      if (!state.proplets.has(message.proplet_id)) return undefined;
      return store.commit([{ kind: "propletMetrics", metrics: dated(message, now()) }]);
    },
    taskMetrics(message) {
      if (!state.tasks.has(message.task_id)) return undefined;
      return store.commit([{ kind: "taskMetrics", metrics: dated(message, now()) }]);
    },
  };

  const kinds = Object.keys(handlers) as (keyof Handlers)[];
  for (const kind of kinds) await transport.subscribe(topics.of(kind), receiver(kind, handlers, log));
  const stopReconnects = transport.onConnect(() => {
    liveness.reconnected();
    dispatcher.wake();
  });
  dispatcher.wake();

  return {
    instanceId: snapshot.instanceId,
    tasks,
    proplets: createProplets({ state, store }),
    functions,
    events,
    get connected() {
      return transport.connected;
    },
    async close() {
      stopReconnects();
      await Promise.all(kinds.map((kind) => transport.unsubscribe(topics.of(kind)).catch(() => undefined)));
      functions.close();
      dispatcher.close();
      attempts.close();
      liveness.close();
      invocations.close();
      await store.commit([]);
    },
  };
}

/** Zephyr counts from its boot, others leave the time out: what they sent is as old as its arrival. */
function dated<T extends { timestamp?: unknown }>(metrics: T, arrived: Date): T {
  return typeof metrics.timestamp === "object" ? metrics : { ...metrics, timestamp: arrived.toISOString() };
}

/** A malformed payload is logged and changes nothing; a handler that fails has a bug or a full disk, and says so. */
function receiver<K extends keyof Handlers>(
  kind: K,
  handlers: Handlers,
  log: Log,
): (message: Message) => void {
  const parse: Decoder<MessageOf[K]> = decode[kind];
  const handle = handlers[kind];
  return ({ payload, retain }) => {
    const decoded = parse(payload);
    if (!decoded.ok) return log.warn(`message dropped: ${decoded.reason}`);
    // Results answer for a task: they are refused where the task is known.
    if (kind !== "results" && nestsDeeper(decoded.message))
      return log.warn(`${kind} dropped: nests too deep`);
    const done = handle?.(decoded.message, retain);
    if (done instanceof Promise) done.catch((error: unknown) => log.error(`${kind}: ${traceOf(error)}`));
  };
}
