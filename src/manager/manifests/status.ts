/** How objects stand, in the words of a resource's status. */
import type { FunctionRecord } from "../../model/function.ts";
import type { Tally } from "../../model/job.ts";
import { defined } from "../../model/manifest/defined.ts";
import type { ResourceStatus } from "../../model/manifest/resource.ts";
import type { Proplet } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import { isEnded, stateName, TaskState } from "../../model/task-state.ts";
import { traitsOf } from "./traits.ts";

/** @param waits why it is not placed yet, where it is queued */
export function taskStatus(task: Task, waits: string | undefined): ResourceStatus {
  return {
    phase: stateName(task.state),
    ...defined({
      message: task.error ?? waits,
      propletId: task.proplet_id,
      attempt: task.attempt,
      results: task.results,
      startTime: task.start_time,
      finishTime: task.finish_time,
      nextRun: task.next_run,
    }),
  };
}

export function groupStatus({ state, tasks }: { state: TaskState; tasks: readonly Task[] }): ResourceStatus {
  const failed = tasks.find(({ error }) => error);
  return {
    phase: stateName(state),
    tasks: tasks.length,
    ended: tasks.filter((task) => isEnded(task.state)).length,
    ...(failed === undefined ? {} : { message: `task ${failed.name}: ${failed.error}` }),
  };
}

export function tallyStatus({ state, tally }: { state: TaskState; tally: Tally }): ResourceStatus {
  const tasks = tally.reduce((sum, count) => sum + count, 0);
  const open = [TaskState.Pending, TaskState.Scheduled, TaskState.Running];
  const ended = open.reduce((left, each) => left - (tally[each] ?? 0), tasks);
  return { phase: stateName(state), tasks, ended };
}

export function functionStatus(
  { revision, task_id }: FunctionRecord,
  task: Task | undefined,
): ResourceStatus {
  if (task === undefined) return { phase: "Interrupted", revision, message: "its task was deleted" };
  return {
    phase: stateName(task.state),
    revision,
    taskId: task_id,
    ...defined({ propletId: task.proplet_id, message: task.error }),
  };
}

export function propletStatus(proplet: Proplet, taskCount: number): ResourceStatus {
  const { deviceType, capabilities } = traitsOf(proplet);
  const { last_alive_at: lastSeen, metadata } = proplet;
  return {
    phase: propletPhase(proplet),
    taskCount,
    ...defined({ lastSeen, deviceType, capabilities, runtime: metadata.wasm_runtime }),
  };
}

function propletPhase({ alive, unheard, draining, leaving, cordoned, last_alive_at }: Proplet): string {
  if (last_alive_at === undefined) return "Declared";
  if (!alive) return "Offline";
  if (leaving) return "Leaving";
  if (draining) return "Draining";
  if (cordoned) return "Cordoned";
  return unheard ? "Unheard" : "Ready";
}
