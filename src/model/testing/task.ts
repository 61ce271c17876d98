/** Tasks for tests. */
import type { Task } from "../task.ts";
import { TaskState } from "../task-state.ts";

/** A task that nobody has started, but for `fields`. */
export function idleTask(fields: Partial<Task> = {}): Task {
  return {
    id: "t",
    name: "add",
    kind: "standard",
    state: TaskState.Pending,
    daemon: false,
    latent: false,
    encrypted: false,
    pinned: false,
    priority: 50,
    created_at: "2026-01-02T03:04:05.000Z",
    attempt: 0,
    lost: 0,
    ...fields,
  };
}
