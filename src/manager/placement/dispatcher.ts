/** Places waiting tasks on proplets: woken by what changed, never by asking again. */
import { holders } from "../../model/broadcast.ts";
import type { Policy } from "../../model/placement.ts";
import type { Proplet } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import { isActive } from "../../model/task-state.ts";
import { needsOf } from "../../scheduler/demand.ts";
import { createFleet } from "../../scheduler/fleet.ts";
import type { Attempts } from "../attempts/attempts.ts";
import type { Explanation } from "../manager.ts";
import type { State } from "../state/state.ts";
import { createTaskTimers } from "../task-timers.ts";
import type { TaskImages } from "../tasks/task-images.ts";
import { createCachedModules } from "./cached-modules.ts";
import { explainTask, waitingReason } from "./explain.ts";
import { createWaitingTasks, type Group } from "./waiting-tasks.ts";

export interface Dispatcher {
  /** The broker is back, or something else changed that no task and no proplet shows. Cheap to call often. */
  wake(): void;
  /** Why a queued task is not placed yet. */
  waitsFor(taskId: string): string | undefined;
  /** What placement says of each proplet now. */
  explain(task: Task): Omit<Explanation, "waits">;
  close(): void;
}

export interface DispatcherDependencies {
  state: Pick<State, "tasks" | "proplets" | "onTask" | "onProplet">;
  attempts: Pick<Attempts, "begin">;
  /** Of tasks whose module is in a registry; those are the proxy's to bring where it is not given. */
  images?: TaskImages;
  /** False while the broker is out of reach: nothing is placed then. */
  connected: () => boolean;
  /** Of tasks that ask for none. */
  policy: Policy;
}

/** A lost attempt is followed by the next after this, doubled each time, with jitter. Milliseconds. */
const BACKOFF_MS = 100;
const BACKOFF_MAX_MS = 10_000;
/** Placements in one turn of the event loop: what else waits for the loop is not held up for long. */
const PLACED_PER_TURN = 1_000;

export function createDispatcher(dependencies: DispatcherDependencies): Dispatcher {
  const { state, attempts, images, connected, policy } = dependencies;
  const fleet = createFleet();
  const waiting = createWaitingTasks(policy);
  const cached = createCachedModules(state.proplets);
  const backoff = createTaskTimers();
  /** Groups of which nobody knows whether a proplet takes them. All others fit none but those with new room. */
  const untried = new Set<string>();
  /** Proplets that came, changed or have more room than when last looked at. */
  const roomier = new Set<string>();
  let scheduled: NodeJS.Immediate | undefined;
  let closed = false;

  for (const proplet of state.proplets.values()) fleet.put(proplet);
  for (const task of state.tasks.values()) {
    for (const id of holders(task)) fleet.hold(id, needsOf(task));
  }
  const queued = [...state.tasks.values()].filter(({ queued_at }) => queued_at !== undefined);
  for (const task of queued.sort((a, b) => Date.parse(a.queued_at ?? "") - Date.parse(b.queued_at ?? ""))) {
    line(task);
  }

  const listening = [
    state.onTask((task, before) => {
      moveLoad(task, before);
      if (isActive(task.state) || before?.state !== task.state) cached.seen(task);
      if (before?.queued_at && !task.queued_at) dequeue(task.id);
      if (task.queued_at && (before === undefined || waitsOtherwise(task, before))) enqueue(task);
    }),
    state.onProplet((id, proplet, before) => {
      if (proplet === undefined) fleet.remove(id);
      else if (before === undefined || !isSameToTasks(proplet, before)) {
        fleet.put(proplet);
        gainedRoom(id);
      }
    }),
  ];

  function moveLoad(task: Task, before: Task | undefined): void {
    const was = new Set(before === undefined ? [] : holders(before));
    const is = new Set(holders(task));
    const isSame = before?.latent === task.latent && before.placement === task.placement;
    for (const id of was) {
      if (before === undefined || (isSame && is.has(id))) continue;
      fleet.release(id, needsOf(before));
      gainedRoom(id);
    }
    for (const id of is) if (!isSame || !was.has(id)) fleet.hold(id, needsOf(task));
  }

  function gainedRoom(propletId: string): void {
    if (waiting.size === 0) return;
    roomier.add(propletId);
    wake();
  }

  function enqueue(task: Task): void {
    dequeue(task.id);
    if (task.lost === 0) {
      add(task);
      return;
    }
    const delay = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (task.lost - 1)) * (0.5 + Math.random() / 2);
    backoff.set(task.id, delay, () => {
      const now = state.tasks.get(task.id);
      if (now?.queued_at) add(now);
    });
  }

  function add(task: Task): void {
    line(task);
    wake();
  }

  /** A broadcast is for others to place. */
  function line(task: Task): void {
    if (task.broadcast || images?.holds(task)) return;
    const group = waiting.add(task);
    if (group !== undefined) untried.add(group.key);
  }

  function dequeue(id: string): void {
    waiting.delete(id);
    backoff.clear(id);
  }

  function wake(): void {
    if (closed || waiting.size === 0) return;
    scheduled ??= setImmediate(() => {
      scheduled = undefined;
      if (!closed && connected()) placeSome();
    });
  }

  function placeSome(): void {
    let left = PLACED_PER_TURN;
    const placeAll = (next: () => Group | undefined) => {
      while (left > 0) {
        const group = next();
        if (group === undefined || !placeOne(group)) return true;
        left -= 1;
      }
      return false;
    };
    for (const id of roomier) if (placeAll(() => firstFor(id))) roomier.delete(id);
    for (const key of untried) if (placeAll(() => waiting.group(key))) untried.delete(key);
    if (left === 0) wake();
  }

  function firstFor(propletId: string): Group | undefined {
    const candidate = fleet.candidates.get(propletId);
    return candidate && waiting.firstFor(candidate);
  }

  /**
   * Places the first task of a group where its policy says, unless some other task that fits there is before it in the
   * line: then that one is placed. False where no proplet takes it.
   */
  function placeOne(group: Group): boolean {
    const task = state.tasks.get(group.head.id);
    if (!task?.queued_at) {
      dequeue(group.head.id);
      return true;
    }
    const chosen = fleet.choose(group.demand, cached.holders(task));
    if (chosen === undefined) return false;
    const first = waiting.firstFor(chosen);
    if (first !== undefined && first.head !== group.head) return placeOne(first);
    const proplet = state.proplets.get(chosen.id);
    if (proplet !== undefined) attempts.begin(task, proplet);
    dequeue(task.id);
    return true;
  }

  return {
    wake,
    waitsFor(taskId) {
      const task = state.tasks.get(taskId);
      if (!task?.queued_at || task.broadcast) return undefined;
      const image = images?.waitsFor(taskId);
      if (image !== undefined) return image;
      if (!connected()) return "the broker can't be reached";
      if (!waiting.has(taskId)) return "an attempt was lost: the next one follows soon";
      return waitingReason(task, policy, fleet);
    },
    explain: (task) => explainTask(task, { policy, fleet, warm: cached.holders(task) }),
    close() {
      closed = true;
      for (const stop of listening) stop();
      if (scheduled !== undefined) clearImmediate(scheduled);
      backoff.close();
    },
  };
}

/** Queued just now, or changed while it waits in a way that its place in the queues depends on. */
function waitsOtherwise(task: Task, before: Task): boolean {
  const keys = [
    "queued_at",
    "priority",
    "pinned",
    "proplet_id",
    "latent",
    "module",
    "image_url",
    "image",
    "placement",
    "broadcast",
  ] as const;
  return keys.some((key) => task[key] !== before[key]);
}

/** A heartbeat alone: nothing of what placement looks at is another than before. */
function isSameToTasks(proplet: Proplet, before: Proplet): boolean {
  const flags = ["alive", "cordoned", "draining", "leaving"] as const;
  const keys = [...flags, "metadata", "capacity", "declared", "name"] as const;
  return keys.every((key) => proplet[key] === before[key]);
}
