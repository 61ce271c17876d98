/** Starts tasks when their schedules fall due: one timer, for the next of them. */
import type { ChangeEvent } from "../../model/event.ts";
import type { Task } from "../../model/task.ts";
import { isActive, isEnded } from "../../model/task-state.ts";
import type { Log } from "../log.ts";
import type { State } from "../state/state.ts";
import { createDueTimes } from "./due-times.ts";
import { nodeTimer, type SetTimer } from "./set-timer.ts";
import { nextRun } from "./validate-schedule.ts";

export interface SchedulesDependencies {
  state: State;
  log: Log;
  now: () => Date;
  setTimer?: SetTimer;
  /** False while the broker is out of reach. */
  connected: () => boolean;
}

/**
 * The longest that the timer sleeps while something is due later. A timer knows nothing of a clock that was set or a
 * machine that slept: whatever falls due by that fires this late at most. Milliseconds.
 */
const LONGEST_SLEEP_MS = 1_000;
/** A run that starts later than this missed its time: the manager was down, or its machine slept. Milliseconds. */
const MISSED_AFTER_MS = 10_000;
/** How many fire in one turn of the event loop. */
const AT_ONCE = 200;
/** A clock that goes back by more than this was set. Milliseconds. */
const SET_BACK_MS = 60_000;

export function createSchedules(dependencies: SchedulesDependencies): { close(): void } {
  const { state, log, now, connected, setTimer = nodeTimer } = dependencies;
  const due = createDueTimes();
  let cancel = () => {};
  let sleepsUntil = Number.POSITIVE_INFINITY;
  let lookedAt = now().getTime();

  const stopListening = state.onTask((task, before) => {
    if (task.next_run !== before?.next_run) keep(task);
  });
  for (const task of state.tasks.values()) keep(task);

  function keep(task: Task): void {
    if (!task.next_run) {
      due.delete(task.id);
      return;
    }
    const at = Date.parse(task.next_run);
    due.set(task.id, at);
    if (at < sleepsUntil) sleep();
  }

  function sleep(): void {
    cancel();
    const first = due.first();
    if (first === undefined) {
      sleepsUntil = Number.POSITIVE_INFINITY;
      return;
    }
    sleepsUntil = first.at;
    const delayMs = Math.min(LONGEST_SLEEP_MS, Math.max(0, first.at - now().getTime()));
    cancel = setTimer(look, delayMs);
  }

  function look(): void {
    const at = now();
    if (at.getTime() < lookedAt - SET_BACK_MS) armAnew(at);
    lookedAt = at.getTime();
    // Thousands may be due in the same minute, most of them on few schedules.
    const next = rememberNextRuns(at);
    for (let fired = 0; fired < AT_ONCE; fired++) {
      const first = due.first();
      if (first === undefined || first.at > at.getTime()) break;
      due.delete(first.id);
      const task = state.tasks.get(first.id);
      if (task?.next_run) fire(task, at, next(task));
    }
    sleep();
  }

  /** Their times were counted from a clock that was wrong. */
  function armAnew(at: Date): void {
    for (const task of [...state.tasks.values()]) {
      if (!task.schedule || !task.next_run || !task.is_recurring) continue;
      const next = nextRun(task.schedule, task.timezone, at);
      if (next !== undefined && next < task.next_run) void state.put({ ...task, next_run: next });
    }
  }

  function fire(task: Task, at: Date, next: string | undefined): void {
    const reason = whyNot(task, at.getTime() - Date.parse(task.next_run ?? ""));
    const event = {
      type: "due" as const,
      passOver: reason !== undefined,
      ...(next ? { nextRun: next } : {}),
    };
    if (reason !== undefined) log.info(`task ${task.id} (${task.name}) does not run now: ${reason}`);
    const told = reason === undefined ? {} : { event: skipped(task, reason) };
    const applied = state.apply(task, event, told);
    // The store tries again by itself; what it says of its trouble is in the log already.
    applied?.saved.catch(() => {});
  }

  function whyNot(task: Task, lateMs: number): string | undefined {
    if (isActive(task.state)) return "the run before has not ended";
    if (task.queued_at) return "the run before still waits for a proplet";
    if (task.module === undefined && !task.image_url) return "it has no module";
    if (task.depends_on?.some(isOpen)) return "tasks that it depends on have not ended";
    if (task.catch_up !== "skip") return undefined;
    if (lateMs > MISSED_AFTER_MS) return "the manager was not there when it was due";
    return connected() ? undefined : "the broker could not be reached when it was due";
  }

  function isOpen(id: string): boolean {
    const task = state.tasks.get(id);
    return task !== undefined && !isEnded(task.state);
  }

  return {
    close() {
      stopListening();
      cancel();
    },
  };
}

function skipped(task: Task, reason: string): ChangeEvent {
  return {
    type: "run_skipped",
    task_id: task.id,
    name: task.name,
    due_at: task.next_run ?? "",
    skipped_runs: (task.skipped_runs ?? 0) + 1,
    reason,
  };
}

/** A task's next time after `at`; undefined where this was its last. */
function rememberNextRuns(at: Date): (task: Task) => string | undefined {
  const known = new Map<string, string | undefined>();
  return ({ schedule, timezone, is_recurring }) => {
    if (!schedule || !is_recurring) return undefined;
    const key = `${schedule} ${timezone ?? ""}`;
    if (!known.has(key)) known.set(key, nextRun(schedule, timezone, at));
    return known.get(key);
  };
}
