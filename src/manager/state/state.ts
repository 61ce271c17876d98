/** What the manager knows now: live tasks, proplets and functions in memory, each change on disk before it is told. */
import { PropError, traceOf } from "../../errors.ts";
import { holders } from "../../model/broadcast.ts";
import type { ChangeEvent } from "../../model/event.ts";
import type { FunctionRecord } from "../../model/function.ts";
import type { Proplet } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import { isEnded, type TaskState } from "../../model/task-state.ts";
import { type TaskEvent, transition } from "../../model/transition.ts";
import type { Change, CommitOptions, Snapshot, Store } from "../../store/store.ts";
import { attemptOf } from "../attempts/attempt-history.ts";
import type { Log } from "../log.ts";
import type { EventLog } from "./event-log.ts";
import { taskEvent } from "./task-event.ts";
import { createUntold } from "./untold.ts";

export interface ApplyOptions {
  /** Told with the event. */
  reason?: string;
  /** Written in the same group, before the task. */
  also?: Change[];
  /** Written in the same group, after the task. */
  after?: Change[];
  /** See `CommitOptions`. */
  lazy?: boolean;
  /** Told in place of the task's state. */
  event?: ChangeEvent;
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
  /** Writes many in one go, after `also`. */
  putAll(tasks: readonly Task[], also: Change[]): Promise<void>;
  remove(id: string): Promise<void>;
  /** Removes many in one go, before `after`. */
  removeAll(ids: readonly string[], after: Change[]): Promise<void>;
  /** Deletes tasks that ended, and jobs and workflows, without a word of each. */
  prune(ended: Prunable): Promise<void>;
  /** How many tasks of each state there are, those on disk included; the index is the state. */
  tally(): readonly number[];
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
  /** Called after each change of a proplet in memory, heartbeats included. Returns what ends it. */
  onProplet(listener: PropletListener): () => void;
}

/** `proplet` is undefined once it is deleted, `before` where it is new. */
export type PropletListener = (id: string, proplet: Proplet | undefined, before: Proplet | undefined) => void;

export interface Prunable {
  tasks: readonly { id: string; state: TaskState }[];
  jobs: readonly string[];
  workflows: readonly string[];
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
  const propletListeners = new Set<PropletListener>();
  const ended = new Set<string>();
  const counts = [...snapshot.tally];
  const untold = createUntold();
  for (const task of tasks.values()) index(task, undefined);

  function index(task: Task | undefined, before: Task | undefined): void {
    if (before !== undefined) for (const id of holders(before)) held.get(id)?.delete(before.id);
    if (task === undefined) return;
    for (const id of holders(task)) {
      const ids = held.get(id) ?? new Set();
      held.set(id, ids.add(task.id));
    }
  }

  /** `onDisk`: how it stands on disk, where it ended and left memory since. */
  function remember(task: Task, onDisk?: Task): void {
    const before = tasks.get(task.id);
    tasks.set(task.id, task);
    index(task, before);
    count(task.state, 1);
    const last = before ?? (onDisk && isEnded(onDisk.state) ? onDisk : undefined);
    if (last !== undefined) count(last.state, -1);
    ended.delete(task.id);
    if (isEnded(task.state) && !task.next_run) ended.add(task.id);
    notify(task, before);
  }

  function count(state: TaskState, change: number): void {
    counts[state] = (counts[state] ?? 0) + change;
  }

  function notify(task: Task, before: Task | undefined): void {
    for (const listener of listeners) listener(task, before);
  }

  function setProplet(id: string, proplet: Proplet | undefined): void {
    const before = proplets.get(id);
    if (proplet === undefined) proplets.delete(id);
    else proplets.set(id, proplet);
    for (const listener of propletListeners) listener(id, proplet, before);
  }

  /** Takes a task out of memory, for good. */
  function forget(task: Task): void {
    count(task.state, -1);
    index(undefined, task);
    tasks.delete(task.id);
    ended.delete(task.id);
    const last = transition(task, { type: "interrupt" }, now().toISOString());
    if (last.changed) notify(last.task, task);
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
    { reason, also = [], after = [], lazy = false, event }: ApplyOptions = {},
  ): Promise<void> {
    const told = [event ?? taskEvent(task, reason)];
    return commit([...also, { kind: "task", task }, ...after], told, { lazy });
  }

  /**
   * Told only once it is on disk. Who doesn't wait for it may leave the promise: the store tries again by itself, and
   * what it could not write is on disk, and told, with the next that is.
   */
  function commit(changes: Change[], told: readonly ChangeEvent[], options?: CommitOptions): Promise<void> {
    const done = store.commit(changes, options).then(
      () => {
        for (const event of untold.take()) events.publish(event);
        for (const event of told) events.publish(event);
        forgetOldest();
      },
      (error: unknown) => {
        // What the store tries again is told then; what it refuses never happened, for all that others know.
        if (!(error instanceof PropError && error.code === "CHANGE_REFUSED")) untold.keep(told);
        throw error;
      },
    );
    done.catch((error: unknown) => log.error(traceOf(error)));
    return done;
  }

  function functionEvent(
    { name, revision, task_id }: FunctionRecord,
    state: "ready" | "deleted",
  ): ChangeEvent {
    return { type: "function", name, revision, task_id, state };
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
      const known = tasks.get(task.id);
      // One that has not ended and is not in memory was deleted: only its start would make it anew.
      if (known === undefined && !isEnded(task.state) && event.type !== "queue") return undefined;
      const before = known ?? task;
      const next = transition(before, event, at);
      if (!next.changed) return undefined;
      remember(next.task, before);
      const attempt = attemptOf(before, next.task, event, at);
      const also = [...(options.also ?? []), ...(attempt === undefined ? [] : [attempt])];
      return { task: next.task, saved: save(next.task, { ...options, also, lazy: event.type === "accept" }) };
    },
    put(task, options) {
      remember(task, task);
      return save(task, options);
    },
    putAll(all, also) {
      for (const task of all) remember(task, task);
      const changes = [...also, ...all.map((task) => ({ kind: "task" as const, task }))];
      return commit(
        changes,
        all.map((task) => taskEvent(task, undefined)),
      );
    },
    async removeAll(ids, after) {
      const found = await Promise.all(ids.map(async (id) => tasks.get(id) ?? (await store.task(id))));
      const gone = found.filter((task) => task !== undefined);
      for (const task of gone) forget(task);
      await commit(
        [...gone.map(({ id }) => ({ kind: "taskDeleted" as const, id })), ...after],
        gone.map(({ id }) => ({ type: "task_deleted", task_id: id })),
      );
    },
    async remove(id) {
      const before = tasks.get(id) ?? (await store.task(id));
      if (before === undefined) return;
      forget(before);
      return commit([{ kind: "taskDeleted", id }], [{ type: "task_deleted", task_id: id }]);
    },
    prune(gone) {
      for (const { id, state } of gone.tasks) {
        count(state, -1);
        tasks.delete(id);
        ended.delete(id);
      }
      const changes: Change[] = [
        ...gone.tasks.map(({ id }) => ({ kind: "taskDeleted" as const, id })),
        ...gone.jobs.map((id) => ({ kind: "jobDeleted" as const, id })),
        ...gone.workflows.map((id) => ({ kind: "workflowDeleted" as const, id })),
      ];
      return commit(changes, []);
    },
    tally: () => counts,
    saved: () => commit([], []),
    putProplet(proplet, event) {
      setProplet(proplet.id, proplet);
      const { id, name, alive } = proplet;
      const told = event && { type: "proplet" as const, proplet_id: id, name, alive, ...event };
      return commit([{ kind: "proplet", proplet }], told === undefined ? [] : [told]);
    },
    touchProplet: (proplet) => setProplet(proplet.id, proplet),
    removeProplet(id) {
      setProplet(id, undefined);
      held.delete(id);
      return commit([{ kind: "propletDeleted", id }], [{ type: "proplet_deleted", proplet_id: id }]);
    },
    putFunction(record) {
      functions.set(record.name, record);
      return commit([{ kind: "function", record }], [functionEvent(record, "ready")]);
    },
    removeFunction(record) {
      functions.delete(record.name);
      return commit([{ kind: "functionDeleted", name: record.name }], [functionEvent(record, "deleted")]);
    },
    onTask(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onProplet(listener) {
      propletListeners.add(listener);
      return () => propletListeners.delete(listener);
    },
  };
}
