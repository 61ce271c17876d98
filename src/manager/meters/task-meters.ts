/** How long tasks wait, are offered and run, for Prometheus. */
import { Histogram, type Registry } from "prom-client";
import { isActive, isEnded, stateName, TaskState } from "../../model/task-state.ts";
import type { State } from "../state/state.ts";

export interface TaskMeterSources {
  state: State;
  now: () => Date;
}

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 3_600];

/** Follows each change of a task. Returns what ends it. */
export function meterTasks(registers: Registry[], { state, now }: TaskMeterSources): () => void {
  const histogram = (name: string, help: string, labelNames: string[] = []) =>
    new Histogram({ name: `propeller_task_${name}_seconds`, help, labelNames, buckets: SECONDS, registers });
  const placement = histogram("placement", "From the queue to a proplet.");
  const acceptance = histogram(
    "accept",
    "From a dispatch until its proplet accepts it; a run that is over in milliseconds tells its end alone.",
  );
  const duration = histogram("duration", "From a task's start to its end.", ["state"]);
  const secondsSince = (from: string) => Math.max(0, now().getTime() - Date.parse(from)) / 1_000;

  return state.onTask((task, before) => {
    if (before === undefined) return;
    if (before.queued_at && !task.queued_at && isActive(task.state))
      placement.observe(secondsSince(before.queued_at));
    if (task.start_time === undefined) return;
    if (before.state === TaskState.Scheduled && task.state === TaskState.Running)
      acceptance.observe(secondsSince(task.start_time));
    if (isEnded(task.state) && !isEnded(before.state))
      duration.observe({ state: stateName(task.state) }, secondsSince(task.start_time));
  });
}
