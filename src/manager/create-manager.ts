/** Puts the control plane together: state from the store, messages from the transport, each to the one who knows. */
import { createResults } from "./attempts/results.ts";
import { type CoreOptions, createCore } from "./core.ts";
import { createPlacing, type PlacingOptions } from "./create-placing.ts";
import { createWork, type WorkOptions } from "./create-work.ts";
import { createCoordinator } from "./federated/coordinator.ts";
import { createFederated } from "./federated/federated.ts";
import { createRounds } from "./federated/rounds.ts";
import type { Manager } from "./manager.ts";
import { createManifests } from "./manifests/manifests.ts";
import { createDeclare } from "./proplets/declare.ts";
import { createDrains } from "./proplets/drains.ts";
import { createProplets } from "./proplets/proplets.ts";
import { createReceiver } from "./receiver.ts";
import { createRetention } from "./retention.ts";
import { keepSamples } from "./samples.ts";
import { createSchedules } from "./schedules/schedules.ts";
import { createImages } from "./tasks/images.ts";
import { createTokens } from "./tokens.ts";

export interface ManagerOptions extends CoreOptions, PlacingOptions, WorkOptions {
  /** How long a task is kept after its end. Milliseconds, 0 for ever; 30 days by default. */
  retainForMs?: number;
  /** How many tasks that ended are kept. 0 for all; 100,000 by default. */
  retainTasks?: number;
  /** Of the coordinator of federated learning; there is none by default. */
  coordinatorUrl?: string;
}

/** Starts a manager. It owns neither the store nor the transport: whoever opened them closes them after it. */
export async function createManager(options: ManagerOptions): Promise<Manager> {
  const core = await createCore(options);
  const { store, transport, snapshot, log, events, meters } = core;
  const placing = createPlacing(core, options);
  const { attempts, broadcasts, dispatcher, liveness, taskImages } = placing;
  const { tasks, functions, jobs, workflows, invocations, groups } = createWork(core, placing, options);

  const results = createResults({ ...core, attempts, broadcasts });
  const tokens = createTokens({ ...core, records: snapshot.tokens });
  const coordinator = createCoordinator(options.coordinatorUrl);
  const rounds = createRounds({ ...core, tasks, coordinator });
  const schedules = createSchedules(core);
  const retention = createRetention({ ...options, ...core });
  const drains = createDrains({ ...core, attempts, broadcasts, moveFunction: functions.move });
  const images = createImages({ ...options, ...core });
  const receiver = createReceiver({
    ...core,
    handlers: {
      discovery: liveness.discovered,
      heartbeat: liveness.heard,
      results: results.completed,
      accepted: results.accepted,
      invokeResults: invocations.answered,
      imageRequest: images.requested,
      roundStart: rounds.start,
      ...keepSamples(core),
    },
  });
  let stopReconnects: (() => void) | undefined;

  async function close(): Promise<void> {
    stopReconnects?.();
    // What begins something ends first, what is told of an end last.
    schedules.close();
    await retention.close();
    await receiver.close();
    for (const part of [functions, tokens, rounds]) part.close();
    core.stopMeters();
    dispatcher.close();
    taskImages?.close();
    for (const part of [images, groups, broadcasts, drains, attempts, liveness, invocations]) part.close();
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

  const declare = createDeclare({ ...core, dispatcher });
  const proplets = createProplets({ ...core, declare, drains, dispatcher });
  const objects = { tasks, proplets, functions, jobs, workflows };
  const manifests = createManifests({ ...objects, ...core, dispatcher, channel: core.topics.base });
  await manifests.resume();

  return {
    ...objects,
    instanceId: snapshot.instanceId,
    manifests,
    tokens,
    federated: createFederated({ coordinator, rounds, log }),
    events,
    metrics: meters.text,
    storeFailure: store.failure,
    get connected() {
      return transport.connected;
    },
    close,
  };
}
