/** What every part of the manager works with: its memory, its voice, its clock. */
import type { Topics } from "../protocol/topics.ts";
import type { Snapshot, Store } from "../store/store.ts";
import type { Transport } from "../transport/transport.ts";
import { type Commands, createCommands } from "./commands.ts";
import type { Log } from "./log.ts";
import { createMeters, type Meters } from "./meters/meters.ts";
import { createEventLog, type EventLog } from "./state/event-log.ts";
import { createState, type State } from "./state/state.ts";

export interface CoreOptions {
  store: Store;
  transport: Transport;
  topics: Topics;
  log: Log;
  now?: () => Date;
}

export interface Core {
  transport: Transport;
  topics: Topics;
  log: Log;
  now: () => Date;
  /** What was on disk at the start. */
  snapshot: Snapshot;
  /** Its commits are measured. */
  store: Store;
  state: State;
  events: EventLog;
  commands: Commands;
  meters: Meters;
  /** False while the broker is out of reach. */
  connected: () => boolean;
  stopMeters: () => void;
}

/** Reads the store, and remembers what is in it. */
export async function createCore(options: CoreOptions): Promise<Core> {
  const { transport, topics, log, now = () => new Date() } = options;
  const connected = () => transport.connected;
  const meters = createMeters();
  const store = meters.measured(options.store);
  const events = createEventLog(now);
  const snapshot = await store.load();
  const state = createState({ snapshot, store, events, log, now });
  const stopMeters = meters.follow({ state, store, events, connected, now });
  const commands = createCommands({ transport, topics, store });
  return {
    transport,
    topics,
    log,
    now,
    snapshot,
    store,
    state,
    events,
    commands,
    meters,
    connected,
    stopMeters,
  };
}
