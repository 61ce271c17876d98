/** Puts the control plane together: state from the store, messages from the transport, each to the one who knows. */
import { traceOf } from "../errors.ts";
import type { ExecutionMode } from "../model/job.ts";

import type { Policy } from "../model/placement.ts";
import { decode, type MessageOf } from "../protocol/decode.ts";
import type { Decoder } from "../protocol/message.ts";
import type { TopicKind, Topics } from "../protocol/topics.ts";
import type { Store } from "../store/store.ts";
import type { Message, Transport } from "../transport/transport.ts";
import { createAttempts } from "./attempts.ts";
import { createBroadcasts } from "./broadcasts.ts";
import { createCommands } from "./commands.ts";
import { createCoordinator } from "./coordinator.ts";
import { createDeclare } from "./declare-proplet.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createDrains } from "./drains.ts";
import { createEventLog } from "./event-log.ts";
import { createFederated } from "./federated.ts";
import { createRounds } from "./federated-rounds.ts";
import { createFunctions } from "./functions.ts";
import { createGroupRuns } from "./group-runs.ts";
import { createGroups } from "./groups.ts";
import { createImages } from "./images.ts";
import { createInvocations } from "./invocations.ts";
import { createJobs } from "./jobs.ts";
import { joinAttempts, joinDispatcher, refusal } from "./join-broadcasts.ts";
import { createLiveness } from "./liveness.ts";
import type { Log } from "./log.ts";
import type { Manager } from "./manager.ts";
import { createManifests } from "./manifests/manifests.ts";
import { createMembership } from "./membership.ts";
import { createMeters, type Meters } from "./meters.ts";
import { nestsDeeper } from "./nesting.ts";
import { createProplets } from "./proplets.ts";
import { createResults } from "./results.ts";
import { createRetention } from "./retention.ts";
import { createSchedules } from "./schedules.ts";
import { createState } from "./state.ts";
import { createTaskImages, type ImageSource } from "./task-images.ts";
import { createTasks } from "./tasks.ts";
import { createTokens } from "./tokens.ts";
import { createWorkflows } from "./workflows.ts";

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
  /** Which of the proplets that fit gets a task that doesn't say; `hybrid` by default. */
  schedulerPolicy?: Policy;
  /** Of jobs that say none; `parallel` by default. */
  jobExecutionMode?: ExecutionMode;
  /** Brings the modules of images in registries. Without it that is left to a proxy on the channel. */
  images?: ImageSource;
  /** How long a task is kept after its end. Milliseconds, 0 for ever; 30 days by default. */
  retainForMs?: number;
  /** How many tasks that ended are kept. 0 for all; 100,000 by default. */
  retainTasks?: number;
  /** Of the coordinator of federated learning; there is none by default. */
  coordinatorUrl?: string;
}

type Handlers = { [K in TopicKind]?: (message: MessageOf[K], retained: boolean) => unknown };

/** Starts a manager. It owns neither the store nor the transport: whoever opened them closes them after it. */
export async function createManager(options: ManagerOptions): Promise<Manager> {
  const { transport, topics, log, now = () => new Date() } = options;
  const { offlineThresholdMs = 25_000, acceptTimeoutMs = 10_000, maxAttempts = 5 } = options;
  const { jobExecutionMode = "parallel", schedulerPolicy: policy = "hybrid" } = options;
  const connected = () => transport.connected;
  const meters = createMeters();
  const store = meters.measured(options.store);
  const events = createEventLog(now);
  const snapshot = await store.load();
  const state = createState({ snapshot, store, events, log, now });
  const stopMeters = meters.follow({ state, store, events, connected, now });
  const commands = createCommands({ transport, topics, store });
  const taskImages = options.images && createTaskImages({ state, images: options.images, log });
  const held = taskImages === undefined ? {} : { images: taskImages };
  const broadcasts = createBroadcasts({ state, commands, log, connected, acceptTimeoutMs, refusal, ...held });
  const attempts = joinAttempts(
    createAttempts({ state, commands, log, connected, maxAttempts, acceptTimeoutMs }),
    { state, broadcasts, commands },
  );
  const dispatcher = joinDispatcher(
    createDispatcher({ state, attempts, connected, policy, ...held }),
    broadcasts,
  );
  const liveness = createLiveness({
    state,
    attempts,
    commands,
    dispatcher,
    log,
    now,
    connected,
    offlineThresholdMs,
  });
  const invocations = createInvocations({ state, commands, events });
  const results = createResults({ state, store, attempts, broadcasts, commands, log });
  const groups = createGroups({ state, store });
  const membership = createMembership({ state, store, groups });
  const tasks = createTasks({
    state,
    store,
    commands,
    invocations,
    broadcasts,
    dispatcher,
    membership,
    log,
    now,
  });
  const runs = createGroupRuns({ state, store, groups, tasks, log });
  const tokens = createTokens({ records: snapshot.tokens, store, now });
  const coordinator = createCoordinator(options.coordinatorUrl);
  const rounds = createRounds({ state, tasks, coordinator, transport, log });
  const functions = createFunctions({ state, tasks, invocations, dispatcher, log, now });
  const schedules = createSchedules({ state, log, now, connected });
  const retention = createRetention({ ...options, state, store, events, log, now });
  const drains = createDrains({ state, attempts, broadcasts, commands, moveFunction: functions.move, log });

  const images = createImages({ ...options, state });

  const handlers: Handlers = {
    discovery: liveness.discovered,
    heartbeat: liveness.heard,
    results: results.completed,
    accepted: results.accepted,
    invokeResults: invocations.answered,
    imageRequest: images.requested,
    roundStart: rounds.start,
    // Samples of what is unknown or deleted would stay in the store for ever.
    propletMetrics(message) {
      if (!state.proplets.has(message.proplet_id)) return undefined;
      return store.commit([{ kind: "propletMetrics", ...arrived(message, now()) }]);
    },
    taskMetrics(message) {
      if (!state.tasks.has(message.task_id)) return undefined;
      return store.commit([{ kind: "taskMetrics", ...arrived(message, now()) }]);
    },
  };

  const kinds = Object.keys(handlers) as (keyof Handlers)[];
  let stopReconnects: (() => void) | undefined;

  async function close(): Promise<void> {
    stopReconnects?.();
    schedules.close();
    await retention.close();
    await Promise.all(kinds.map((kind) => transport.unsubscribe(topics.of(kind)).catch(() => undefined)));
    functions.close();
    tokens.close();
    rounds.close();
    stopMeters();
    dispatcher.close();
    taskImages?.close();
    images.close();
    groups.close();
    broadcasts.close();
    drains.close();
    attempts.close();
    liveness.close();
    invocations.close();
    await store.commit([]);
  }

  try {
    for (const kind of kinds)
      await transport.subscribe(topics.of(kind), receiver(kind, handlers, log, meters));
  } catch (error) {
    await close();
    throw error;
  }
  stopReconnects = transport.onConnect(() => {
    liveness.reconnected();
    dispatcher.wake();
  });
  attempts.resume();
  drains.resume();
  await groups.restore();
  dispatcher.wake();

  const declare = createDeclare({ state, dispatcher, now });
  const proplets = createProplets({ state, store, declare, drains, dispatcher });
  const jobs = createJobs({ state, store, groups, runs, now, executionMode: jobExecutionMode });
  const workflows = createWorkflows({ state, store, groups, runs, now });
  const objects = { tasks, proplets, functions, jobs, workflows };
  const manifests = createManifests({ ...objects, state, store, dispatcher, channel: topics.base, log, now });
  await manifests.resume();

  return {
    instanceId: snapshot.instanceId,
    ...objects,
    manifests,
    tokens,
    federated: createFederated({ coordinator, rounds, log }),
    events,
    metrics: meters.text,
    get connected() {
      return transport.connected;
    },
    close,
  };
}

/** Zephyr counts from its boot, others leave the time out: what they sent is as old as its arrival. */
function arrived<T extends { timestamp?: unknown }>(metrics: T, now: Date): { metrics: T; at: string } {
  const at = now.toISOString();
  return { metrics: typeof metrics.timestamp === "object" ? metrics : { ...metrics, timestamp: at }, at };
}

/** A malformed payload is logged and changes nothing; a handler that fails has a bug or a full disk, and says so. */
function receiver<K extends keyof Handlers>(
  kind: K,
  handlers: Handlers,
  log: Log,
  meters: Meters,
): (message: Message) => void {
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
