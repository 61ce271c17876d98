/** Puts the control plane together: state from the store, messages from the transport, each to the one who knows. */
import type { ExecutionMode } from "../model/job.ts";

import type { Policy } from "../model/placement.ts";
import type { Topics } from "../protocol/topics.ts";
import type { Store } from "../store/store.ts";
import type { Transport } from "../transport/transport.ts";
import { createAttempts } from "./attempts/attempts.ts";
import { createBroadcasts } from "./attempts/broadcasts.ts";
import { joinAttempts, joinDispatcher, refusal } from "./attempts/join-broadcasts.ts";
import { createResults } from "./attempts/results.ts";
import { createCommands } from "./commands.ts";
import { createCoordinator } from "./federated/coordinator.ts";
import { createFederated } from "./federated/federated.ts";
import { createRounds } from "./federated/rounds.ts";
import { createFunctions } from "./functions/functions.ts";
import { createInvocations } from "./functions/invocations.ts";
import { createGroupRuns } from "./groups/group-runs.ts";
import { createGroups } from "./groups/groups.ts";
import { createJobs } from "./groups/jobs.ts";
import { createMembership } from "./groups/membership.ts";
import { createWorkflows } from "./groups/workflows.ts";
import type { Log } from "./log.ts";
import type { Manager } from "./manager.ts";
import { createManifests } from "./manifests/manifests.ts";
import { createMeters } from "./meters/meters.ts";
import { createDispatcher } from "./placement/dispatcher.ts";
import { createDeclare } from "./proplets/declare.ts";
import { createDrains } from "./proplets/drains.ts";
import { createLiveness } from "./proplets/liveness.ts";
import { createProplets } from "./proplets/proplets.ts";
import { createReceiver, type Handlers } from "./receiver.ts";
import { createRetention } from "./retention.ts";
import { keepSamples } from "./samples.ts";
import { createSchedules } from "./schedules/schedules.ts";
import { createEventLog } from "./state/event-log.ts";
import { createState } from "./state/state.ts";
import { createImages } from "./tasks/images.ts";
import { createTaskImages, type ImageSource } from "./tasks/task-images.ts";
import { createTasks } from "./tasks/tasks.ts";
import { createTokens } from "./tokens.ts";

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
    ...keepSamples({ state, store, now }),
  };
  const receiver = createReceiver({ transport, topics, handlers, meters, log });
  let stopReconnects: (() => void) | undefined;

  async function close(): Promise<void> {
    stopReconnects?.();
    schedules.close();
    await retention.close();
    await receiver.close();
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
    await receiver.open();
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
