/** Places waiting tasks on proplets: woken by what changed, never by asking again. */
import type { Task } from "../model/task.ts";
import { isActive } from "../model/task-state.ts";
import { type Candidate, place } from "../scheduler/place.ts";
import type { Attempts } from "./attempts.ts";
import type { State } from "./state.ts";
import { createTaskQueue, type TaskQueue } from "./task-queue.ts";
import { createTaskTimers } from "./task-timers.ts";

export interface Dispatcher {
  /** Something changed that may let a waiting task run. Cheap to call often. */
  wake(): void;
  /** Why a queued task is not placed yet. */
  waitsFor(taskId: string): string | undefined;
  close(): void;
}

export interface DispatcherDependencies {
  state: State;
  attempts: Attempts;
  /** False while the broker is out of reach: nothing is placed then. */
  connected: () => boolean;
}

/** A lost attempt is followed by the next after this, doubled each time, with jitter. Milliseconds. */
const BACKOFF_MS = 100;
const BACKOFF_MAX_MS = 10_000;

export function createDispatcher({ state, attempts, connected }: DispatcherDependencies): Dispatcher {
  /** Any proplet with room will do: where one of these waits, all after it wait too. */
  const ordinary = createTaskQueue();
  /** Pinned or latent: each has to be looked at by itself. */
  const particular = createTaskQueue();
  let ordinaryWaits: string | undefined;
  const waiting = new Map<string, string>();
  const backoff = createTaskTimers();
  const loads = new Map<string, number>();
  let turn = 0;
  let scheduled: NodeJS.Immediate | undefined;
  let closed = false;

  for (const task of state.tasks.values()) {
    if (task.queued_at) queueOf(task).add(task);
    if (takesSlot(task)) addLoad(task, 1);
  }
  const stopListening = state.onTask((task, before) => {
    if (before !== undefined && takesSlot(before)) addLoad(before, -1);
    if (takesSlot(task)) addLoad(task, 1);
    if (before?.queued_at && !task.queued_at) dequeue(task.id);
    if (task.queued_at && (before === undefined || waitsOtherwise(task, before))) enqueue(task);
    if (before !== undefined && isActive(before.state) && !isActive(task.state)) wake();
  });

  function addLoad(task: Task, change: number): void {
    const id = task.proplet_id ?? "";
    const load = (loads.get(id) ?? 0) + change;
    if (load === 0) loads.delete(id);
    else loads.set(id, load);
  }

  function queueOf(task: Task): TaskQueue {
    return task.pinned || task.latent ? particular : ordinary;
  }

  function enqueue(task: Task): void {
    dequeue(task.id);
    if (task.lost === 0) {
      queueOf(task).add(task);
      wake();
      return;
    }
    const delay = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (task.lost - 1)) * (0.5 + Math.random() / 2);
    backoff.set(task.id, delay, () => {
      queueOf(task).add(task);
      wake();
    });
  }

  function dequeue(id: string): void {
    ordinary.delete(id);
    particular.delete(id);
    waiting.delete(id);
    backoff.clear(id);
  }

  function wake(): void {
    if (closed || ordinary.size + particular.size === 0) return;
    scheduled ??= setImmediate(() => {
      scheduled = undefined;
      if (!closed) placeAll();
    });
  }

  function placeAll(): void {
    const candidates = [...state.proplets.values()].map((proplet) => ({
      proplet,
      load: loads.get(proplet.id) ?? 0,
    }));
    for (const id of particular.ids()) {
      const reason = placeOne(id, candidates);
      if (reason !== undefined) waiting.set(id, reason);
    }
    ordinaryWaits = undefined;
    for (const id of ordinary.ids()) {
      ordinaryWaits = placeOne(id, candidates);
      if (ordinaryWaits !== undefined) return;
    }
  }

  /** Places one waiting task, which takes it out of its queue, or says what it waits for. */
  function placeOne(id: string, candidates: Candidate[]): string | undefined {
    const task = state.tasks.get(id);
    if (task === undefined) return undefined;
    if (!connected()) return "the broker can't be reached";
    const placement = place(task, turned(candidates));
    if ("waits" in placement) return placement.waits;
    const chosen = candidates.find(({ proplet }) => proplet === placement.proplet);
    if (chosen !== undefined && !task.latent) chosen.load += 1;
    attempts.begin(task, placement.proplet);
    return undefined;
  }

  function turned(candidates: Candidate[]): Candidate[] {
    turn = (turn + 1) % Math.max(1, candidates.length);
    return turn === 0 ? candidates : [...candidates.slice(turn), ...candidates.slice(0, turn)];
  }

  return {
    wake,
    waitsFor(taskId) {
      const task = state.tasks.get(taskId);
      if (!task?.queued_at) return undefined;
      return queueOf(task) === ordinary ? ordinaryWaits : waiting.get(taskId);
    },
    close() {
      closed = true;
      stopListening();
      if (scheduled !== undefined) clearImmediate(scheduled);
      backoff.close();
    },
  };
}

/** A latent task waits for invocations: it costs memory, not a slot. */
function takesSlot(task: Task): boolean {
  return isActive(task.state) && !task.latent;
}

/** Queued just now, or changed while it waits in a way that its place in the queues depends on. */
function waitsOtherwise(task: Task, before: Task): boolean {
  const keys = ["queued_at", "priority", "pinned", "proplet_id", "latent"] as const;
  return keys.some((key) => task[key] !== before[key]);
}
