/** What the stream of events says of a task that changed. */
import type { ChangeEvent } from "../../model/event.ts";
import type { Task } from "../../model/task.ts";
import { stateName } from "../../model/task-state.ts";

export function taskEvent(task: Task, reason: string | undefined): ChangeEvent {
  const { id, name, state, attempt, proplet_id, results, error } = task;
  return {
    type: "task",
    task_id: id,
    name,
    state: stateName(state),
    attempt,
    ...(proplet_id === undefined ? {} : { proplet_id }),
    ...(results === undefined ? {} : { results }),
    ...(error === undefined ? {} : { error }),
    ...(reason === undefined ? {} : { reason }),
  };
}
