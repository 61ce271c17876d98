/** A job: tasks that are started together, one after another, or by their dependencies. */
import { TaskState } from "./task-state.ts";

export const executionModes = ["parallel", "sequential", "configurable"] as const;
export type ExecutionMode = (typeof executionModes)[number];

export interface JobRecord {
  id: string;
  name: string;
  execution_mode: ExecutionMode;
  /** In the order they were given, which is the order of a sequential job. */
  task_ids: string[];
  /** RFC 3339. */
  created_at: string;
  /** When it was started as a job, last; until then its tasks have no order, and none stops for another's failure. */
  started_at?: string;
}

/** Tasks of a job or a workflow, counted by state; the index is the state. */
export type Tally = readonly number[];

/** Failed if any failed, else Running if any runs, else Completed if all ended well, else Pending (wire-contract, section 2). */
export function jobState(tally: Tally): TaskState {
  const of = (...states: TaskState[]) => states.reduce((sum: number, state) => sum + (tally[state] ?? 0), 0);
  if (of(TaskState.Failed) > 0) return TaskState.Failed;
  if (of(TaskState.Scheduled, TaskState.Running) > 0) return TaskState.Running;
  const total = tally.reduce((sum: number, count) => sum + count, 0);
  const done = of(TaskState.Completed, TaskState.Skipped);
  if (total > 0 && done === total) return TaskState.Completed;
  if (of(TaskState.Pending) === 0 && total > 0) return TaskState.Interrupted;
  return TaskState.Pending;
}
