/** What the manager measures of itself, for Prometheus. Events are counted as they come, gauges are read at the scrape. */
import { Counter, Histogram, Registry } from "prom-client";
import type { LossCause } from "../../model/loss.ts";
import type { TopicKind } from "../../protocol/topics.ts";
import type { AttemptRecord, Store } from "../../store/store.ts";
import type { EventLog } from "../state/event-log.ts";
import type { State } from "../state/state.ts";
import { addGauges } from "./gauges.ts";
import { meterTasks } from "./task-meters.ts";

export interface Meters {
  /** All of it in the text format of Prometheus. */
  text(): Promise<string>;
  /** The same store, with its commits timed and the attempts they tell of counted. */
  measured(store: Store): Store;
  /** A message came in; it was dropped where it is malformed. */
  received(kind: TopicKind, dropped: boolean): void;
  /** Follows what happens. Returns what ends it. */
  follow(sources: MeterSources): () => void;
}

export interface MeterSources {
  state: State;
  store: Store;
  events: EventLog;
  connected: () => boolean;
  now: () => Date;
}

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30];
const CHANGES = [1, 4, 16, 64, 256, 1_024, 4_096];

export function createMeters(): Meters {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name: `propeller_${name}`, help, labelNames: [label], registers });
  const messages = counter("mqtt_messages_total", "Messages from the broker.", "kind");
  const dropped = counter("mqtt_messages_dropped_total", "Those of them that are malformed.", "kind");
  const ofKind = new Map<TopicKind, { inc(): void }>();
  const lost = counter("task_attempts_lost_total", "Attempts that were lost with their proplet.", "reason");
  const time = commitTimer(registers);

  return {
    text: () => registry.metrics(),
    measured: (store) => ({
      ...store,
      commit(changes, options) {
        for (const change of changes) {
          const cause = change.kind === "attempt" ? lossCause(change.attempt) : undefined;
          if (cause !== undefined) lost.inc({ reason: cause });
        }
        return time(store.commit(changes, options));
      },
    }),
    received(kind, isDropped) {
      const known = ofKind.get(kind) ?? messages.labels(kind);
      ofKind.set(kind, known);
      known.inc();
      if (isDropped) dropped.inc({ kind });
    },
    follow(sources) {
      addGauges(registers, sources);
      const stops = [
        meterTasks(registers, sources),
        meterWrites(registers, sources),
        meterInvocations(registers, sources),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

/** One that ended after all keeps the cause; it was counted when it was lost. */
function lossCause({ outcome, cause }: AttemptRecord): LossCause | undefined {
  return outcome === "lost" ? cause : undefined;
}

/** Times one commit at a time: thousands a second cost more to time than they tell. */
function commitTimer(registers: Registry[]): (written: Promise<void>) => Promise<void> {
  const commits = new Histogram({
    name: "propeller_store_commit_seconds",
    help: "From a change until it is on disk; one at a time is timed.",
    buckets: SECONDS,
    registers,
  });
  let isTiming = false;
  return (written) => {
    if (isTiming) return written;
    isTiming = true;
    const startedAt = performance.now();
    const done = () => {
      isTiming = false;
    };
    written.then(() => commits.observe((performance.now() - startedAt) / 1_000)).then(done, done);
    return written;
  };
}

function meterWrites(registers: Registry[], { store }: MeterSources): () => void {
  const transactions = new Histogram({
    name: "propeller_store_transaction_seconds",
    help: "Writing a group of changes.",
    buckets: SECONDS,
    registers,
  });
  const groups = new Histogram({
    name: "propeller_store_transaction_changes",
    help: "Changes in a group.",
    buckets: CHANGES,
    registers,
  });
  return store.onWrite(({ changes, ms }) => {
    transactions.observe(ms / 1_000);
    groups.observe(changes);
  });
}

function meterInvocations(registers: Registry[], { events }: MeterSources): () => void {
  const invocations = new Histogram({
    name: "propeller_invocation_duration_seconds",
    help: "Invocations, by how they ended.",
    labelNames: ["outcome"],
    buckets: SECONDS,
    registers,
  });
  const { stop } = events.follow(undefined, ({ event }) => {
    if (event.type !== "invocation") return;
    const outcome = event.error === undefined ? "completed" : "failed";
    invocations.observe({ outcome }, event.duration_ms / 1_000);
  });
  return stop;
}
