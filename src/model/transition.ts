/** Every change of a task's state goes through here: one pure function, one table. */
import { broadcastTo, withAnswers } from "./broadcast.ts";
import type { Loss } from "./loss.ts";
import type { Answer, Task } from "./task.ts";
import { isActive, isEnded, TaskState } from "./task-state.ts";

export type TaskEvent =
  /** Someone wants it to run. */
  | { type: "queue" }
  /** A proplet was chosen. `acknowledges`: it will say that it has taken the task over. */
  | { type: "dispatch"; propletId: string; bootId?: string; acknowledges: boolean }
  | { type: "accept"; attempt: number }
  | { type: "complete"; attempt?: number; propletId?: string; results?: unknown }
  | { type: "fail"; attempt?: number; propletId?: string; error: string; results?: unknown }
  /** Its proplet is gone, restarted, or never answered. The task's own `max_attempts` goes first. */
  | ({ type: "lose"; maxAttempts: number } & Loss)
  /** Its proplet gave it back, or it was taken from there: it goes elsewhere, and no attempt is lost. */
  | { type: "release"; reason: string; attempt?: number; propletId?: string }
  /** An attempt that was given up is held by its proplet after all, and no later one was made. */
  | { type: "regain"; propletId: string; attempt: number; bootId?: string }
  | { type: "stop" }
  /** The stop is confirmed. */
  | { type: "interrupt" }
  /** Its dependencies ended in a way that leaves it out. */
  | { type: "skip" }
  /**
   * The time of its schedule has come: it runs, unless it does already. `nextRun` is RFC 3339, absent where this was the
   * last time; `passOver`: this time it doesn't run.
   */
  | { type: "due"; nextRun?: string; passOver: boolean }
  /** What it belongs to runs anew: it waits for those it depends on. */
  | { type: "reset" }
  /** It can't run as it is described. */
  | { type: "refuse"; error: string }
  /** A broadcast begins on these proplets. */
  | { type: "broadcast"; propletIds: readonly string[] }
  /** Some of a broadcast's proplets have ended it, or will not. */
  | { type: "answers"; attempt: number; answers: ReadonlyMap<string, Answer> };

/** Of its losses a task keeps the latest reasons; its history has all. */
const LOSSES_KEPT = 20;

export type Transition = { changed: true; task: Task } | { changed: false; reason: string };

/** What becomes of `task` at `event`. `now` is RFC 3339. An event that doesn't fit the state changes nothing and says why. */
export function transition(task: Task, event: TaskEvent, now: string): Transition {
  switch (event.type) {
    case "queue":
      return queue(task, now);
    case "due":
      return due(task, event, now);
    case "dispatch":
      return dispatch(task, event, now);
    case "accept":
      if (task.state !== TaskState.Scheduled) return unchanged(task, "accept");
      if (event.attempt !== task.attempt) return stale(task, event.attempt);
      return change(
        staysResident(task) ? { ...without(task, "losses"), lost: 0 } : task,
        { state: TaskState.Running },
        now,
      );
    case "complete":
    case "fail":
      return end(task, event, now);
    case "lose":
      return lose(task, event, now);
    case "release":
      return release(task, event, now);
    case "regain":
      return regain(task, event, now);
    case "stop":
      if (isActive(task.state)) return change(task, { stopping: true }, now);
      if (task.state === TaskState.Pending && task.queued_at) return interrupt(task, now);
      // Between two runs there is only the schedule to stop.
      if (task.next_run) return interrupt(without(task, "next_run"), now);
      return unchanged(task, "stop");
    case "interrupt":
      return isEnded(task.state) ? unchanged(task, "interrupt") : interrupt(task, now);
    case "skip":
      if (task.state !== TaskState.Pending) return unchanged(task, "skip");
      return change(without(task, "queued_at"), { state: TaskState.Skipped }, now);
    case "reset":
      if (!isEnded(task.state)) return unchanged(task, "reset");
      return change(fresh(task), { state: TaskState.Pending, lost: 0 }, now);
    case "refuse":
      if (task.state !== TaskState.Pending) return unchanged(task, "refuse");
      return change(
        without(task, "queued_at", "given_to"),
        { state: TaskState.Failed, error: event.error, finish_time: now },
        now,
      );
    case "broadcast": {
      const begun = broadcastTo(task, event.propletIds, now);
      return begun === undefined ? unchanged(task, "broadcast") : change(begun, {}, now);
    }
    case "answers": {
      if (event.attempt !== task.attempt) return stale(task, event.attempt);
      const answered = withAnswers(task, event.answers, now);
      return answered === undefined ? unchanged(task, "answers") : change(answered, {}, now);
    }
  }
}

/** Wanted until it is stopped: its proplets come and go, and no number of losses ends it. */
function staysResident(task: Task): boolean {
  return task.latent || task.daemon;
}

function queue(task: Task, now: string): Transition {
  if (isActive(task.state)) return unchanged(task, "queue");
  if (task.queued_at) return unchanged(task, "queue");
  return change(fresh(task), { state: TaskState.Pending, queued_at: now, lost: 0 }, now);
}

/** Without what an earlier run left. */
function fresh(task: Task): Task {
  const ended = [
    "results",
    "error",
    "start_time",
    "finish_time",
    "boot_id",
    "stopping",
    "losses",
    "given_to",
  ] as const;
  const cleared = without(task, ...ended, "answers", "image");
  return task.pinned ? cleared : without(cleared, "proplet_id");
}

function due(task: Task, { nextRun, passOver }: TaskEvent & { type: "due" }, now: string): Transition {
  // A schedule that has run out is no schedule any more.
  const left = nextRun === undefined ? without(task, "next_run", "schedule") : { ...task, next_run: nextRun };
  const queued = passOver ? unchanged(task, "due") : queue(left, now);
  if (queued.changed) return queued;
  return change(left, { skipped_runs: (task.skipped_runs ?? 0) + 1 }, now);
}

function dispatch(task: Task, event: TaskEvent & { type: "dispatch" }, now: string): Transition {
  if (task.state !== TaskState.Pending || !task.queued_at) return unchanged(task, "dispatch");
  return change(
    without(task, "queued_at", "boot_id", "given_to"),
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

/** It waits anew after an attempt of this run, which was lost or given back: that one may end well after all. */
function waitsAgain(task: Task): boolean {
  return task.state === TaskState.Pending && Boolean(task.queued_at) && task.start_time !== undefined;
}

/** Each attempt is one proplet's alone. A legacy result may not say whose it is. */
function wasGivenTo({ given_to, proplet_id }: Task, propletId: string | undefined): boolean {
  const holder = given_to ?? proplet_id;
  return !propletId || holder === undefined || holder === propletId;
}

/**
 * A result of the latest attempt counts even before it was accepted, and a good one after it was given up in this run; a
 * bad one may only say that it was stopped there.
 */
function end(task: Task, event: TaskEvent & { type: "complete" | "fail" }, now: string): Transition {
  const awaited = isActive(task.state) || (event.type === "complete" && waitsAgain(task));
  if (!awaited || !wasGivenTo(task, event.propletId)) return unchanged(task, event.type);
  if (event.attempt !== undefined && event.attempt !== task.attempt) return stale(task, event.attempt);
  const by = event.propletId ?? task.proplet_id;
  const ended = {
    ...without(task, "queued_at", "stopping", "given_to"),
    ...(by === undefined ? {} : { proplet_id: by }),
  };
  // A result of null is none, as the legacy manager shows it.
  const results = event.results === undefined || event.results === null ? {} : { results: event.results };
  if (event.type === "complete") {
    return change(ended, { state: TaskState.Completed, ...results, finish_time: now }, now);
  }
  if (task.stopping) return interrupt(task, now);
  return change(ended, { state: TaskState.Failed, error: event.error, ...results, finish_time: now }, now);
}

function lose(task: Task, event: TaskEvent & { type: "lose" }, now: string): Transition {
  if (!isActive(task.state)) return unchanged(task, "lose");
  if (task.stopping) return interrupt(task, now);
  const lost = task.lost + 1;
  const losses = [...(task.losses ?? []), event.reason].slice(-LOSSES_KEPT);
  if (lost >= (task.max_attempts ?? event.maxAttempts) && !staysResident(task)) {
    const error = `given up after ${lost} attempt${lost === 1 ? "" : "s"}: ${summary(losses)}`;
    return change(task, { state: TaskState.Failed, error, lost, losses, finish_time: now }, now);
  }
  return change(queuedAnew(task, now), { lost, losses }, now);
}

function release(task: Task, event: TaskEvent & { type: "release" }, now: string): Transition {
  if (!isActive(task.state) || !wasGivenTo(task, event.propletId)) return unchanged(task, "release");
  if (event.attempt !== undefined && event.attempt !== task.attempt) return stale(task, event.attempt);
  return task.stopping ? interrupt(task, now) : change(queuedAnew(task, now), {}, now);
}

/** It is Scheduled until the proplet says what it makes of it. */
function regain(task: Task, event: TaskEvent & { type: "regain" }, now: string): Transition {
  if (!waitsAgain(task) || !wasGivenTo(task, event.propletId)) return unchanged(task, "regain");
  if (event.attempt !== task.attempt) return stale(task, event.attempt);
  const boot = event.bootId === undefined ? {} : { boot_id: event.bootId };
  const lost = Math.max(0, task.lost - 1);
  const held = { state: TaskState.Scheduled, proplet_id: event.propletId, lost, ...boot };
  return change(without(task, "queued_at", "boot_id", "given_to"), held, now);
}

function queuedAnew(task: Task, now: string): Task {
  const free = task.pinned ? task : without(task, "proplet_id");
  const given = task.proplet_id === undefined ? {} : { given_to: task.proplet_id };
  return { ...without(free, "boot_id"), ...given, state: TaskState.Pending, queued_at: now };
}

/** `p1 restarted (2 times); p2 did not accept it`. */
function summary(reasons: readonly string[]): string {
  const times = new Map<string, number>();
  for (const reason of reasons) times.set(reason, (times.get(reason) ?? 0) + 1);
  return [...times].map(([reason, n]) => (n === 1 ? reason : `${reason} (${n} times)`)).join("; ");
}

function interrupt(task: Task, now: string): Transition {
  const ended = without(task, "queued_at", "stopping", "given_to");
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
  | "losses"
  | "next_run"
  | "schedule"
  | "answers"
  | "image"
  | "proplet_id"
  | "given_to";

function without(task: Task, ...keys: OptionalKeys[]): Task {
  const copy = { ...task };
  for (const key of keys) delete copy[key];
  return copy;
}
