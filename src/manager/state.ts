/** What the manager knows now: live tasks, proplets and functions in memory, each change on disk before it is told. */
import { traceOf } from "../errors.ts";
import type { ChangeEvent } from "../model/event.ts";
import type { FunctionRecord } from "../model/function.ts";
import type { Proplet } from "../model/proplet.ts";
import type { Task } from "../model/task.ts";
import { isActive, isEnded, stateName } from "../model/task-state.ts";
import { type TaskEvent, transition } from "../model/transition.ts";
import type { AttemptRecord, Change, CommitOptions, Snapshot, Store } from "../store/store.ts";
import type { EventLog } from "./event-log.ts";
import type { Log } from "./log.ts";

export interface ApplyOptions {
  /** Told with the event. */
  reason?: string;
  /** Written in the same group, before the task. */
  also?: Change[];
  /** Written in the same group, after the task. */
  after?: Change[];
  /** See `CommitOptions`. */
  lazy?: boolean;
}

export interface State {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly proplets: ReadonlyMap<string, Proplet>;
  readonly functions: ReadonlyMap<string, FunctionRecord>;
  /** Ids of the tasks a proplet holds: Scheduled or Running there. */
  heldBy(propletId: string): ReadonlySet<string>;
  /** A task in memory, or on disk. */
  find(id: string): Promise<Task | undefined>;
  /** Changes a task by an event; undefined where the event doesn't fit. Memory changes at once, the promise is the disk. */
  apply(
    task: Task,
    event: TaskEvent,
    options?: ApplyOptions,
  ): { task: Task; saved: Promise<void> } | undefined;
  /** Writes a task as it stands. */
  put(task: Task, options?: ApplyOptions): Promise<void>;
  remove(id: string): Promise<void>;
  /** Resolves once all that was changed so far is on disk. */
  saved(): Promise<void>;
  putProplet(proplet: Proplet, event?: { reason?: string }): Promise<void>;
  /** Keeps a proplet in memory alone: its heartbeats reach the disk only now and then. */
  touchProplet(proplet: Proplet): void;
  removeProplet(id: string): Promise<void>;
  putFunction(record: FunctionRecord): Promise<void>;
  removeFunction(record: FunctionRecord): Promise<void>;
  /**
   * Called after each change of a task in memory; one that is removed before its end shows as Interrupted. Returns
   * what ends it.
   */
  onTask(listener: (task: Task, before: Task | undefined) => void): () => void;
}

export interface StateDependencies {
  snapshot: Snapshot;
  store: Store;
  events: EventLog;
  log: Log;
  now: () => Date;
}

/** Ended tasks that stay in memory, so that asking for a fresh result needn't read the disk. */
const ENDED_KEPT = 1_000;

export function createState({ snapshot, store, events, log, now }: StateDependencies): State {
  const tasks = new Map(snapshot.tasks.map((task) => [task.id, task]));
  const proplets = new Map(snapshot.proplets.map((proplet) => [proplet.id, proplet]));
  const functions = new Map(snapshot.functions.map((record) => [record.name, record]));
  const held = new Map<string, Set<string>>();
  const listeners = new Set<(task: Task, before: Task | undefined) => void>();
  const ended = new Set<string>();
  /** Of changes that are in memory while the store fails. */
  const untold: (() => void)[] = [];
  for (const task of tasks.values()) index(task, undefined);

  function index(task: Task | undefined, before: Task | undefined): void {
    if (before?.proplet_id && isActive(before.state)) held.get(before.proplet_id)?.delete(before.id);
    if (!task?.proplet_id || !isActive(task.state)) return;
    const ids = held.get(task.proplet_id) ?? new Set();
    held.set(task.proplet_id, ids.add(task.id));
  }

  function remember(task: Task): void {
    const before = tasks.get(task.id);
    tasks.set(task.id, task);
    index(task, before);
    ended.delete(task.id);
    if (isEnded(task.state)) ended.add(task.id);
    notify(task, before);
  }

  function notify(task: Task, before: Task | undefined): void {
    for (const listener of listeners) listener(task, before);
  }

  /** Only what is on disk already may leave memory: a query must find it there. */
  function forgetOldest(): void {
    for (const id of ended) {
      if (ended.size <= ENDED_KEPT) return;
      ended.delete(id);
      tasks.delete(id);
    }
  }

  function save(
    task: Task,
    { reason, also = [], after = [], lazy = false }: ApplyOptions = {},
  ): Promise<void> {
    const tell = () => {
      events.publish(taskEvent(task, reason));
      forgetOldest();
    };
    return commit([...also, { kind: "task", task }, ...after], tell, { lazy });
  }

  /**
   * Told only once it is on disk. Who doesn't wait for it may leave the promise: the store tries again by itself, and
   * what it could not write is on disk, and told, with the next that is.
   */
  function commit(changes: Change[], tell: () => void, options?: CommitOptions): Promise<void> {
    const done = store.commit(changes, options).then(
      () => {
        for (const tellLate of untold.splice(0)) tellLate();
        tell();
      },
      (error: unknown) => {
        untold.push(tell);
        throw error;
      },
    );
    done.catch((error: unknown) => log.error(traceOf(error)));
    return done;
  }

  function tell({ name, revision, task_id }: FunctionRecord, state: "ready" | "deleted"): void {
    events.publish({ type: "function", name, revision, task_id, state });
  }

  return {
    tasks,
    proplets,
    functions,
    heldBy: (propletId) => held.get(propletId) ?? new Set(),
    find: async (id) => tasks.get(id) ?? (await store.task(id)),
    apply(task, event, options = {}) {
      const at = now().toISOString();
      // Whoever found the task may have waited since: what counts is how it stands now.
      const before = tasks.get(task.id) ?? task;
      const next = transition(before, event, at);
      if (!next.changed) return undefined;
      remember(next.task);
      const attempt = attemptOf(before, next.task, event, at);
      const also = [...(options.also ?? []), ...(attempt === undefined ? [] : [attempt])];
      return { task: next.task, saved: save(next.task, { ...options, also, lazy: event.type === "accept" }) };
    },
    put(task, options) {
      remember(task);
      return save(task, options);
    },
    remove(id) {
      const before = tasks.get(id);
      index(undefined, before);
      tasks.delete(id);
      ended.delete(id);
      const last = before && transition(before, { type: "interrupt" }, now().toISOString());
      if (last?.changed) notify(last.task, before);
      return commit([{ kind: "taskDeleted", id }], () =>
        events.publish({ type: "task_deleted", task_id: id }),
      );
    },
    saved: () => commit([], () => {}),
    putProplet(proplet, event) {
      proplets.set(proplet.id, proplet);
      return commit([{ kind: "proplet", proplet }], () => {
        const { id, name, alive } = proplet;
        if (event !== undefined) events.publish({ type: "proplet", proplet_id: id, name, alive, ...event });
      });
    },
    touchProplet: (proplet) => void proplets.set(proplet.id, proplet),
    removeProplet(id) {
      proplets.delete(id);
      held.delete(id);
      return commit([{ kind: "propletDeleted", id }], () =>
        events.publish({ type: "proplet_deleted", proplet_id: id }),
      );
    },
    putFunction(record) {
      functions.set(record.name, record);
      return commit([{ kind: "function", record }], () => tell(record, "ready"));
    },
    removeFunction(record) {
      functions.delete(record.name);
      return commit([{ kind: "functionDeleted", name: record.name }], () => tell(record, "deleted"));
    },
    onTask(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function taskEvent(task: Task, reason: string | undefined): ChangeEvent {
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

/** What a change adds to the history of attempts: the task itself tells of the one under way. */
function attemptOf(before: Task, after: Task, event: TaskEvent, at: string): Change | undefined {
  if (event.type === "lose") return record(before, { ended_at: at, outcome: "lost", reason: event.reason });
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
