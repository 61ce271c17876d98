/** Every change of a task's state goes through here: one pure function, one table. */
import type { Task } from "./task.ts";
import { isActive, isEnded, TaskState } from "./task-state.ts";

export type TaskEvent =
  /** Someone wants it to run. */
  | { type: "queue" }
  /** A proplet was chosen. `acknowledges`: it will say that it has taken the task over. */
  | { type: "dispatch"; propletId: string; bootId?: string; acknowledges: boolean }
  | { type: "accept"; attempt: number }
  | { type: "complete"; attempt?: number; propletId?: string; results: unknown }
  | { type: "fail"; attempt?: number; propletId?: string; error: string; results?: unknown }
  /** Its proplet is gone, restarted, or never answered. */
  | { type: "lose"; reason: string; maxAttempts: number }
  | { type: "stop" }
  /** The stop is confirmed. */
  | { type: "interrupt" }
  /** Its dependencies ended in a way that leaves it out. */
  | { type: "skip" };

export type Transition = { changed: true; task: Task } | { changed: false; reason: string };

/** What becomes of `task` at `event`. `now` is RFC 3339. An event that doesn't fit the state changes nothing and says why. */
export function transition(task: Task, event: TaskEvent, now: string): Transition {
  switch (event.type) {
    case "queue":
      return queue(task, now);
    case "dispatch":
      return dispatch(task, event, now);
    case "accept":
      if (task.state !== TaskState.Scheduled) return unchanged(task, "accept");
      if (event.attempt !== task.attempt) return stale(task, event.attempt);
      return change(task, { state: TaskState.Running, ...(staysResident(task) ? { lost: 0 } : {}) }, now);
    case "complete":
    case "fail":
      return end(task, event, now);
    case "lose":
      return lose(task, event, now);
    case "stop":
      if (isActive(task.state)) return change(task, { stopping: true }, now);
      if (task.state === TaskState.Pending && task.queued_at) return interrupt(task, now);
      return unchanged(task, "stop");
    case "interrupt":
      return isEnded(task.state) ? unchanged(task, "interrupt") : interrupt(task, now);
    case "skip":
      if (task.state !== TaskState.Pending) return unchanged(task, "skip");
      return change(without(task, "queued_at"), { state: TaskState.Skipped }, now);
  }
}

/** Wanted until it is stopped: its proplets come and go, and no number of losses ends it. */
function staysResident(task: Task): boolean {
  return task.latent || task.daemon;
}

function queue(task: Task, now: string): Transition {
  if (isActive(task.state)) return unchanged(task, "queue");
  if (task.queued_at) return unchanged(task, "queue");
  const fresh = without(task, "results", "error", "start_time", "finish_time", "boot_id", "stopping");
  const placed = task.pinned ? fresh : without(fresh, "proplet_id");
  return change(placed, { state: TaskState.Pending, queued_at: now, lost: 0 }, now);
}

function dispatch(task: Task, event: TaskEvent & { type: "dispatch" }, now: string): Transition {
  if (task.state !== TaskState.Pending || !task.queued_at) return unchanged(task, "dispatch");
  return change(
    without(task, "queued_at", "boot_id"),
    {
      state: event.acknowledges ? TaskState.Scheduled : TaskState.Running,
      proplet_id: event.propletId,
      attempt: task.attempt + 1,
      start_time: now,
      ...(event.bootId === undefined ? {} : { boot_id: event.bootId }),
    },
    now,
  );
}

/** A result of the latest attempt counts even before it was accepted, and after it was given up for lost in this run. */
function end(task: Task, event: TaskEvent & { type: "complete" | "fail" }, now: string): Transition {
  const awaited =
    isActive(task.state) || (task.state === TaskState.Pending && task.queued_at && task.lost > 0);
  if (!awaited) return unchanged(task, event.type);
  if (event.attempt !== undefined && event.attempt !== task.attempt) return stale(task, event.attempt);
  const by = event.propletId ?? task.proplet_id;
  const ended = {
    ...without(task, "queued_at", "stopping"),
    ...(by === undefined ? {} : { proplet_id: by }),
  };
  if (event.type === "complete") {
    return change(ended, { state: TaskState.Completed, results: event.results, finish_time: now }, now);
  }
  if (task.stopping) return interrupt(task, now);
  const results = event.results === undefined ? {} : { results: event.results };
  return change(ended, { state: TaskState.Failed, error: event.error, ...results, finish_time: now }, now);
}

function lose(task: Task, event: TaskEvent & { type: "lose" }, now: string): Transition {
  if (!isActive(task.state)) return unchanged(task, "lose");
  if (task.stopping) return interrupt(task, now);
  const lost = task.lost + 1;
  if (lost >= event.maxAttempts && !staysResident(task)) {
    const error = `${event.reason}; given up after ${lost} attempts`;
    return change(task, { state: TaskState.Failed, error, lost, finish_time: now }, now);
  }
  const free = task.pinned ? task : without(task, "proplet_id");
  return change(without(free, "boot_id"), { state: TaskState.Pending, queued_at: now, lost }, now);
}

function interrupt(task: Task, now: string): Transition {
  const ended = without(task, "queued_at", "stopping");
  return change(ended, { state: TaskState.Interrupted, finish_time: now }, now);
}

function change(task: Task, fields: Partial<Task>, now: string): Transition {
  return { changed: true, task: { ...task, ...fields, updated_at: now } };
}

function unchanged(task: Task, event: string): Transition {
  return { changed: false, reason: `${event} means nothing to task ${task.id} in state ${task.state}` };
}

function stale(task: Task, attempt: number): Transition {
  return {
    changed: false,
    reason: `attempt ${attempt} of task ${task.id} is not its latest, ${task.attempt}`,
  };
}

type OptionalKeys =
  | "queued_at"
  | "results"
  | "error"
  | "start_time"
  | "finish_time"
  | "boot_id"
  | "stopping"
  | "proplet_id";

function without(task: Task, ...keys: OptionalKeys[]): Task {
  const copy = { ...task };
  for (const key of keys) delete copy[key];
  return copy;
}
