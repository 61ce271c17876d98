/** What proplets measure, of themselves and of their tasks, goes to the store. */
import type { Store } from "../store/store.ts";
import type { Handlers } from "./receiver.ts";
import type { State } from "./state/state.ts";

export interface SamplesDependencies {
  state: Pick<State, "proplets" | "tasks">;
  store: Store;
  now: () => Date;
}

/** Samples of what is unknown or deleted would stay in the store for ever. */
export function keepSamples({
  state,
  store,
  now,
}: SamplesDependencies): Pick<Handlers, "propletMetrics" | "taskMetrics"> {
  return {
    propletMetrics(message) {
      if (!state.proplets.has(message.proplet_id)) return undefined;
      return store.commit([{ kind: "propletMetrics", ...arrived(message, now()) }]);
    },
    taskMetrics(message) {
      if (!state.tasks.has(message.task_id)) return undefined;
      return store.commit([{ kind: "taskMetrics", ...arrived(message, now()) }]);
    },
  };
}

/** Zephyr counts from its boot, others leave the time out: what they sent is as old as its arrival. */
function arrived<T extends { timestamp?: unknown }>(metrics: T, now: Date): { metrics: T; at: string } {
  const at = now.toISOString();
  return { metrics: typeof metrics.timestamp === "object" ? metrics : { ...metrics, timestamp: at }, at };
}
