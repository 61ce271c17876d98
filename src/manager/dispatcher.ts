/** Places waiting tasks on proplets: woken by what changed, never by asking again. */
import { hasFeature, type Proplet } from "../model/proplet.ts";
import type { Task } from "../model/task.ts";
import { isActive, TaskState } from "../model/task-state.ts";
import { type Candidate, place } from "../scheduler/place.ts";
import type { Commands } from "./commands.ts";
import type { Log } from "./log.ts";
import type { State } from "./state.ts";
import { createTaskQueue, type TaskQueue } from "./task-queue.ts";

export interface Dispatcher {
  /** Something changed that may let a waiting task run. Cheap to call often. */
  wake(): void;
  /** Why a queued task is not placed yet. */
  waitsFor(taskId: string): string | undefined;
  /** Gives up on the attempts a proplet holds, those `which` picks, and queues them anew. */
  evacuate(propletId: string, reason: string, which?: (task: Task) => boolean): void;
  /** Sends starts and stops again that a proplet may not have heard; it ignores those it knows. */
  repeat(proplet: Proplet): void;
  close(): void;
}

export interface DispatcherDependencies {
  state: State;
  commands: Commands;
  log: Log;
  /** False while the broker is out of reach: nothing is placed then. */
  connected: () => boolean;
  maxAttempts: number;
  /** How long a proplet may take to accept a start before it is sent again, and then given up. Milliseconds. */
  acceptTimeoutMs: number;
}

/** How often a start is sent to the same proplet before another is tried. */
const SENDS = 2;
/** A lost attempt is followed by the next after this, doubled each time, with jitter. Milliseconds. */
const BACKOFF_MS = 100;
const BACKOFF_MAX_MS = 10_000;

export function createDispatcher(dependencies: DispatcherDependencies): Dispatcher {
  const { state, commands, log, connected, maxAttempts, acceptTimeoutMs } = dependencies;
  /** Any proplet with room will do: where one of these waits, all after it wait too. */
  const ordinary = createTaskQueue();
  /** Pinned or latent: each has to be looked at by itself. */
  const particular = createTaskQueue();
  let ordinaryWaits: string | undefined;
  const waiting = new Map<string, string>();
  const timers = new Map<string, NodeJS.Timeout>();
  const loads = new Map<string, number>();
  let turn = 0;
  let scheduled: NodeJS.Immediate | undefined;
  let closed = false;

  for (const task of state.tasks.values()) {
    if (task.queued_at) queueOf(task).add(task);
    if (takesSlot(task)) addLoad(task, 1);
    if (task.state === TaskState.Scheduled) awaitAcceptance(task, 1);
  }
  const stopListening = state.onTask((task, before) => {
    if (before !== undefined && takesSlot(before)) addLoad(before, -1);
    if (takesSlot(task)) addLoad(task, 1);
    if (before?.state === TaskState.Scheduled && task.state !== TaskState.Scheduled) clearTimer(task.id);
    if (task.queued_at && task.queued_at !== before?.queued_at) enqueue(task);
    if (before !== undefined && isActive(before.state) && !isActive(task.state)) wake();
  });

  function addLoad(task: Task, change: number): void {
    const id = task.proplet_id ?? "";
    loads.set(id, (loads.get(id) ?? 0) + change);
  }

  function queueOf(task: Task): TaskQueue {
    return task.pinned || task.latent ? particular : ordinary;
  }

  function enqueue(task: Task): void {
    if (task.lost === 0) {
      queueOf(task).add(task);
      wake();
      return;
    }
    const delay = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (task.lost - 1)) * (0.5 + Math.random() / 2);
    timers.set(
      task.id,
      setTimeout(() => {
        timers.delete(task.id);
        queueOf(task).add(task);
        wake();
      }, delay),
    );
  }

  function clearTimer(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
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
      const reason = placeOne(id, particular, candidates);
      if (reason === undefined) waiting.delete(id);
      else waiting.set(id, reason);
    }
    ordinaryWaits = undefined;
    for (const id of ordinary.ids()) {
      ordinaryWaits = placeOne(id, ordinary, candidates);
      if (ordinaryWaits !== undefined) return;
    }
  }

  /** Places one waiting task, or says what it waits for. */
  function placeOne(id: string, queue: TaskQueue, candidates: Candidate[]): string | undefined {
    const task = state.tasks.get(id);
    if (!task?.queued_at) {
      queue.delete(id);
      return undefined;
    }
    if (!connected()) return "the broker can't be reached";
    const placement = place(task, turned(candidates));
    if ("waits" in placement) return placement.waits;
    queue.delete(id);
    const chosen = candidates.find(({ proplet }) => proplet === placement.proplet);
    if (chosen !== undefined && !task.latent) chosen.load += 1;
    dispatch(task, placement.proplet);
    return undefined;
  }

  function turned(candidates: Candidate[]): Candidate[] {
    turn = (turn + 1) % Math.max(1, candidates.length);
    return turn === 0 ? candidates : [...candidates.slice(turn), ...candidates.slice(0, turn)];
  }

  function dispatch(task: Task, proplet: Proplet): void {
    const acknowledges = hasFeature(proplet, "ack");
    const bootId = proplet.boot_id === undefined ? {} : { bootId: proplet.boot_id };
    const applied = state.apply(task, { type: "dispatch", propletId: proplet.id, acknowledges, ...bootId });
    if (applied === undefined) return;
    applied.saved.then(
      () => send(applied.task, proplet, 1),
      (error: unknown) => {
        log.error(`task ${task.id} could not be dispatched: ${String(error)}`);
        state.apply(applied.task, { type: "lose", reason: "the store failed", maxAttempts });
      },
    );
  }

  function send(task: Task, proplet: Proplet, sends: number): void {
    commands
      .start(task, proplet)
      .catch((error: unknown) => log.warn(`start of task ${task.id}: ${String(error)}`));
    const now = state.tasks.get(task.id);
    if (now?.state === TaskState.Scheduled && now.attempt === task.attempt) awaitAcceptance(now, sends);
  }

  function awaitAcceptance(task: Task, sends: number): void {
    clearTimer(task.id);
    timers.set(
      task.id,
      setTimeout(() => {
        timers.delete(task.id);
        const now = state.tasks.get(task.id);
        if (closed || now?.state !== TaskState.Scheduled) return;
        const proplet = state.proplets.get(now.proplet_id ?? "");
        if (proplet?.alive && sends < SENDS) {
          send(now, proplet, sends + 1);
          return;
        }
        const reason = `proplet ${now.proplet_id} did not accept it in ${(acceptTimeoutMs * sends) / 1000} s`;
        state.apply(now, { type: "lose", reason, maxAttempts }, { reason });
      }, acceptTimeoutMs),
    );
  }

  return {
    wake,
    waitsFor(taskId) {
      const task = state.tasks.get(taskId);
      if (!task?.queued_at) return undefined;
      return queueOf(task) === ordinary ? ordinaryWaits : waiting.get(taskId);
    },
    evacuate(propletId, reason, which = () => true) {
      for (const id of [...state.heldBy(propletId)]) {
        const task = state.tasks.get(id);
        if (task === undefined || !which(task)) continue;
        log.warn(`task ${id}: ${reason}`);
        state.apply(task, { type: "lose", reason, maxAttempts }, { reason });
      }
      wake();
    },
    repeat(proplet) {
      for (const id of state.heldBy(proplet.id)) {
        const task = state.tasks.get(id);
        if (task === undefined) continue;
        if (task.stopping) void commands.stop(task, proplet);
        else if (task.state === TaskState.Scheduled || !hasFeature(proplet, "ack")) send(task, proplet, 1);
      }
    },
    close() {
      closed = true;
      stopListening();
      if (scheduled !== undefined) clearImmediate(scheduled);
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** A latent task waits for invocations: it costs memory, not a slot. */
function takesSlot(task: Task): boolean {
  return isActive(task.state) && !task.latent;
}
