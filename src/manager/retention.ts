/** Forgets what ended too long ago, or is more than is kept: oldest first, a few rows at a time. */

import { traceOf } from "../errors.ts";
import type { Task } from "../model/task.ts";
import { isEnded, TaskState } from "../model/task-state.ts";
import type { EndedTask, GroupRef, Store } from "../store/store.ts";
import type { Log } from "./log.ts";
import { nodeTimer, type SetTimer } from "./schedules/set-timer.ts";
import type { EventLog } from "./state/event-log.ts";
import type { State } from "./state/state.ts";

export interface RetentionOptions {
  /** How long a task is kept after its end, in milliseconds; for ever where it is 0. 30 days by default. */
  retainForMs?: number;
  /** How many tasks that ended are kept; all where it is 0. 100,000 by default. */
  retainTasks?: number;
}

export interface RetentionDependencies extends RetentionOptions {
  state: State;
  store: Store;
  events: EventLog;
  log: Log;
  now: () => Date;
  setTimer?: SetTimer;
}

export const RETAIN_FOR_MS = 30 * 86_400_000;
export const RETAIN_TASKS = 100_000;

/** How many tasks are looked at, and deleted, in one turn of the event loop. */
const BATCH = 100;
/** How many samples of proplets, and how many of tasks, are kept. */
const METRICS_KEPT = 1_000_000;
/** Between two rounds there is this time at least, and this at most. Milliseconds. */
const SHORTEST_MS = 1_000;
const LONGEST_MS = 3_600_000;
/** After a round that could not delete all that it should. Milliseconds. */
const STUCK_MS = 60_000;

/** What one round deleted. */
interface Pruned {
  tasks: number;
  jobs: number;
  workflows: number;
}

export function createRetention(dependencies: RetentionDependencies): { close(): Promise<void> } {
  const { state, store, events, log, now, setTimer = nodeTimer } = dependencies;
  const { retainForMs = RETAIN_FOR_MS, retainTasks = RETAIN_TASKS } = dependencies;
  let cancel = () => {};
  let wakesAt = Number.POSITIVE_INFINITY;
  let round: Promise<void> | undefined;
  let pauseMs = SHORTEST_MS;
  let closed = false;

  const stopListening = state.onTask((task) => {
    if (!isEnded(task.state)) return;
    if (excess() > 0) wakeIn(pauseMs);
    else if (retainForMs > 0) wakeIn(retainForMs);
  });
  if (retainForMs > 0 || retainTasks > 0) wakeIn(SHORTEST_MS);

  /** How many tasks that ended are more than are kept. */
  function excess(): number {
    const tally = state.tally();
    const ended = [TaskState.Completed, TaskState.Failed, TaskState.Skipped, TaskState.Interrupted];
    return retainTasks === 0 ? 0 : ended.reduce((sum, each) => sum + (tally[each] ?? 0), 0) - retainTasks;
  }

  function wakeIn(delayMs: number): void {
    const at = performance.now() + delayMs;
    if (closed || round !== undefined || at >= wakesAt) return;
    cancel();
    wakesAt = at;
    cancel = setTimer(begin, Math.min(LONGEST_MS, Math.max(SHORTEST_MS, delayMs)));
  }

  function begin(): void {
    wakesAt = Number.POSITIVE_INFINITY;
    round = prune()
      .catch((error: unknown) => {
        log.error(`what is too old could not be deleted: ${traceOf(error)}`);
        return LONGEST_MS;
      })
      .then((delayMs) => {
        round = undefined;
        // What is too much and still there belongs to jobs that go on.
        pauseMs = excess() > 0 ? STUCK_MS : SHORTEST_MS;
        wakeIn(excess() > 0 ? Math.min(delayMs, pauseMs) : delayMs);
      });
  }

  /** Deletes what is due. @returns in how many milliseconds the next is */
  async function prune(): Promise<number> {
    const before = retainForMs === 0 ? "" : new Date(now().getTime() - retainForMs).toISOString();
    const gone: Pruned = { tasks: 0, jobs: 0, workflows: 0 };
    const firstKept = await pruneTasks(before, gone);
    const limits = { count: METRICS_KEPT, ...(before === "" ? {} : { before }) };
    while (!closed && (await store.trimMetrics(limits))) await nextTurn();
    while (!closed && (await store.shrink())) await nextTurn();
    if (gone.tasks > 0) {
      events.publish({ type: "pruned", ...gone });
      log.info(`deleted ${gone.tasks} tasks that were older, or more, than are kept`);
    }
    if (retainForMs === 0 || firstKept === undefined) return LONGEST_MS;
    return Date.parse(firstKept.finish_time) + retainForMs - now().getTime() + 1;
  }

  /** @returns the first that is young enough */
  async function pruneTasks(before: string, gone: Pruned): Promise<EndedTask | undefined> {
    const kept = keptApart();
    const endOf = rememberEnds(store);
    const left = excess();
    let after: EndedTask | undefined;
    while (!closed) {
      const batch = await store.oldestEnded(BATCH, after);
      const alone: EndedTask[] = [];
      let firstKept: EndedTask | undefined;
      for (const task of batch) {
        if (task.finish_time >= before && gone.tasks + alone.length >= left) {
          firstKept = task;
          break;
        }
        if (kept.has(task.id) || !hasEnded(state.tasks.get(task.id))) continue;
        const group = groupOf(task);
        if (group === undefined) alone.push(task);
        // A group goes as one, at the end of its last task.
        else if ((await endOf(group))?.id === task.id) await pruneGroup(group, gone);
      }
      await state.prune({ tasks: alone, jobs: [], workflows: [] });
      gone.tasks += alone.length;
      if (firstKept !== undefined || batch.length < BATCH) return firstKept;
      after = batch.at(-1);
      await nextTurn();
    }
    return undefined;
  }

  async function pruneGroup(group: GroupRef, gone: Pruned): Promise<void> {
    // Its record first: a group with a part of its tasks was never there for anyone.
    const isJob = "job_id" in group;
    await state.prune({
      tasks: [],
      jobs: isJob ? [group.job_id] : [],
      workflows: isJob ? [] : [group.workflow_id],
    });
    gone[isJob ? "jobs" : "workflows"] += 1;
    for (;;) {
      const tasks = await store.endedOf(group, BATCH);
      if (tasks.length === 0 || closed) return;
      await state.prune({ tasks, jobs: [], workflows: [] });
      gone.tasks += tasks.length;
      await nextTurn();
    }
  }

  function keptApart(): Set<string> {
    return new Set([...state.functions.values()].map(({ task_id }) => task_id));
  }

  return {
    async close() {
      closed = true;
      stopListening();
      cancel();
      await round;
    },
  };
}

/** One that left memory ended; one that is there may have been started again just now. */
function hasEnded(task: Task | undefined): boolean {
  return task === undefined || (isEnded(task.state) && !task.next_run);
}

function groupOf({ job_id, workflow_id }: EndedTask): GroupRef | undefined {
  if (job_id !== undefined) return { job_id };
  return workflow_id === undefined ? undefined : { workflow_id };
}

/** A group of thousands is asked about once a round. */
function rememberEnds(store: Store): (group: GroupRef) => Promise<EndedTask | undefined> {
  const known = new Map<string, Promise<EndedTask | undefined>>();
  return (group) => {
    const key = "job_id" in group ? `job ${group.job_id}` : `workflow ${group.workflow_id}`;
    const end = known.get(key) ?? store.lastEndedOf(group);
    known.set(key, end);
    return end;
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
