/** The history of attempts at a task: what each change of it adds. */
import type { Task } from "../../model/task.ts";
import { isActive, isEnded } from "../../model/task-state.ts";
import type { TaskEvent } from "../../model/transition.ts";
import type { AttemptRecord, Change } from "../../store/store.ts";

/** The record of the attempt that `event` ended, if it ended one: the task itself tells of the one under way. */
export function attemptOf(before: Task, after: Task, event: TaskEvent, at: string): Change | undefined {
  if (event.type === "lose") {
    const { cause, reason } = event;
    return record(before, { ended_at: at, outcome: "lost", cause, reason });
  }
  if (event.type === "release" && !before.stopping)
    return record(before, { ended_at: at, outcome: "released", reason: event.reason });
  if (!isEnded(after.state) || before.attempt === 0) return undefined;
  if (event.type === "complete") return record(after, { ended_at: at, outcome: "completed" });
  if (event.type === "fail" && !before.stopping) return record(after, { ended_at: at, outcome: "failed" });
  return isActive(before.state) ? record(before, { ended_at: at, outcome: "interrupted" }) : undefined;
}

function record(task: Task, fields: Partial<AttemptRecord>): Change {
  const attempt: AttemptRecord = {
    task_id: task.id,
    attempt: task.attempt,
    proplet_id: task.proplet_id ?? "",
    dispatched_at: task.start_time ?? "",
    ...fields,
  };
  return { kind: "attempt", attempt };
}
