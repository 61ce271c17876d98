/** Attempts at tasks: on disk first, then sent until the proplet accepts, given up where it is lost. */
import { messageOf } from "../../errors.ts";
import type { Loss } from "../../model/loss.ts";
import { hasFeature, type Proplet } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import { isActive, TaskState } from "../../model/task-state.ts";
import type { Commands } from "../commands.ts";
import type { Log } from "../log.ts";
import type { State } from "../state/state.ts";
import { createTaskTimers } from "../task-timers.ts";

export interface Attempts {
  /** Gives a queued task to a proplet. */
  begin(task: Task, proplet: Proplet): void;
  /** Gives up on the attempts a proplet holds, those `which` picks, and queues them anew. */
  evacuate(propletId: string, loss: Loss, which?: (task: Task) => boolean): void;
  /** Takes tasks back from a proplet that lives, those `which` picks, and queues them anew: none counts as lost. */
  release(proplet: Proplet, reason: string, which?: (task: Task) => boolean): void;
  /** Sends starts and stops again that a proplet may not have heard; it ignores those it knows. */
  repeat(proplet: Proplet): void;
  /** Compares what a proplet says that it holds with what it should hold, and mends the difference. */
  reconcile(proplet: Proplet, held: readonly HeldAttempt[]): void;
  /** The proplet has the attempt: it isn't asked for any more. */
  accepted(taskId: string, attempt: number): void;
  /** Once what proplets answer is heard: tells them again of stops that may never have been sent. */
  resume(): void;
  close(): void;
}

export interface HeldAttempt {
  task_id: string;
  attempt: number;
}

export interface AttemptsDependencies {
  state: State;
  commands: Commands;
  log: Log;
  /** False while the broker is out of reach: no proplet can be blamed for its silence then. */
  connected: () => boolean;
  maxAttempts: number;
  /** How long a proplet may take to accept a start before it is sent again, and then given up. Milliseconds. */
  acceptTimeoutMs: number;
}

/** How often a start is sent to the same proplet before another is tried. */
const SENDS = 2;
/** How long after the store failed an attempt asks again whether it is on disk. Milliseconds. */
const SAVE_AGAIN_MS = 1_000;

export function createAttempts(dependencies: AttemptsDependencies): Attempts {
  const { state, commands, log, connected, maxAttempts, acceptTimeoutMs } = dependencies;
  const timers = createTaskTimers();
  let closed = false;

  for (const task of state.tasks.values()) {
    if (task.state === TaskState.Scheduled) awaitAcceptance(task, 1);
  }
  const stopListening = state.onTask((task, before) => {
    if (before !== undefined && isActive(before.state) && task.state !== before.state) timers.clear(task.id);
  });

  /** The task as it is now, while this attempt at it is the one that counts. */
  function current({ id, attempt }: Task): Task | undefined {
    const now = state.tasks.get(id);
    return now !== undefined && isActive(now.state) && now.attempt === attempt ? now : undefined;
  }

  function lose(task: Task, { cause, reason }: Loss): void {
    log.info(`task ${task.id} (${task.name}): ${reason}`);
    const event = { type: "lose" as const, cause, reason, maxAttempts: task.max_attempts ?? maxAttempts };
    state.apply(task, event, { reason });
  }

  /** The store tries again by itself: its trouble costs a task no attempt. */
  function sendOnceSaved(task: Task, proplet: Proplet, saved: Promise<void>): void {
    saved.then(
      () => send(task, proplet, 1),
      (error: unknown) => {
        log.error(`task ${task.id} could not be dispatched: ${messageOf(error)}`);
        timers.set(task.id, SAVE_AGAIN_MS, () => sendOnceSaved(task, proplet, state.saved()));
      },
    );
  }

  function send(task: Task, proplet: Proplet, sends: number): void {
    const now = current(task);
    if (now === undefined) return;
    if (now.stopping) {
      lose(now, { cause: "stopped", reason: "it was stopped before its proplet took it" });
      return;
    }
    commands.start(now, proplet).catch((error: unknown) => {
      log.warn(`start of task ${now.id}: ${messageOf(error)}`);
      // Nobody waits for its acceptance: this is the only sign that it never arrived.
      const held = hasFeature(proplet, "ack") || closed ? undefined : current(now);
      const reason = `its start could not be sent: ${messageOf(error)}`;
      if (held !== undefined) lose(held, { cause: "not_sent", reason });
    });
    if (now.state === TaskState.Scheduled) awaitAcceptance(now, sends);
  }

  function awaitAcceptance(task: Task, sends: number): void {
    timers.set(task.id, acceptTimeoutMs, () => {
      const now = current(task);
      if (now?.state !== TaskState.Scheduled) return;
      if (!connected()) return awaitAcceptance(now, sends);
      const proplet = state.proplets.get(now.proplet_id ?? "");
      if (proplet?.alive && sends < SENDS) send(now, proplet, sends + 1);
      else {
        const reason = `proplet ${now.proplet_id} did not accept it in ${(acceptTimeoutMs * sends) / 1000} s`;
        lose(now, { cause: "not_accepted", reason });
      }
    });
  }

  /** It says that it doesn't hold what runs there: its result may be on the way, or it never heard of it. */
  function ask(task: Task, proplet: Proplet): void {
    commands.start(task, proplet).catch((error: unknown) => {
      log.warn(`start of task ${task.id}: ${messageOf(error)}`);
    });
    timers.set(task.id, SENDS * acceptTimeoutMs, () => {
      const now = current(task);
      if (now === undefined) return;
      const reason = `proplet ${proplet.id} doesn't hold it any more`;
      if (connected()) lose(now, { cause: "not_held", reason });
      else ask(now, proplet);
    });
  }

  async function judge(proplet: Proplet, { task_id: id, attempt }: HeldAttempt): Promise<void> {
    const task = state.tasks.get(id) ?? (await state.find(id));
    if (task !== undefined && isMeant(task, attempt, proplet)) return;
    if (task !== undefined && mayRegain(task, proplet)) {
      const bootId = proplet.boot_id === undefined ? {} : { bootId: proplet.boot_id };
      const regained = state.apply(task, { type: "regain", propletId: proplet.id, attempt, ...bootId });
      if (regained !== undefined) return sendOnceSaved(regained.task, proplet, regained.saved);
    }
    log.info(
      `proplet ${proplet.id} is told to stop attempt ${attempt} of task ${id}: it is not the one that counts`,
    );
    await commands.stop({ id, attempt }, proplet);
  }

  return {
    begin(task, proplet) {
      const acknowledges = hasFeature(proplet, "ack");
      const bootId = proplet.boot_id === undefined ? {} : { bootId: proplet.boot_id };
      const applied = state.apply(task, { type: "dispatch", propletId: proplet.id, acknowledges, ...bootId });
      if (applied !== undefined) sendOnceSaved(applied.task, proplet, applied.saved);
    },
    evacuate(propletId, loss, which = () => true) {
      for (const id of [...state.heldBy(propletId)]) {
        const task = state.tasks.get(id);
        if (task !== undefined && isAlone(task) && which(task)) lose(task, loss);
      }
    },
    release(proplet, reason, which = () => true) {
      for (const id of [...state.heldBy(proplet.id)]) {
        const task = state.tasks.get(id);
        if (task === undefined || task.stopping || !isAlone(task) || !which(task)) continue;
        const applied = state.apply(task, { type: "release", reason }, { reason });
        if (applied !== undefined) stopAgain(task, proplet);
      }
    },
    reconcile(proplet, held) {
      const there = new Map(held.map(({ task_id, attempt }) => [task_id, attempt]));
      for (const id of state.heldBy(proplet.id)) {
        const task = state.tasks.get(id);
        if (task?.state !== TaskState.Running || task.stopping || !isAlone(task)) continue;
        if (there.get(id) !== task.attempt) ask(task, proplet);
      }
      for (const one of held) {
        judge(proplet, one).catch((error: unknown) =>
          log.warn(`task ${one.task_id}, held by ${proplet.id}: ${messageOf(error)}`),
        );
      }
    },
    accepted(taskId, attempt) {
      const task = state.tasks.get(taskId);
      if (task?.state === TaskState.Running && task.attempt === attempt) timers.clear(taskId);
    },
    resume() {
      for (const task of state.tasks.values()) {
        const proplet = task.stopping ? state.proplets.get(task.proplet_id ?? "") : undefined;
        if (proplet !== undefined) stopAgain(task, proplet);
      }
    },
    repeat(proplet) {
      // Only one that says which boot it is in shows when it lost what it held.
      const tellsLosses = hasFeature(proplet, "ack") && proplet.boot_id !== undefined;
      for (const id of [...state.heldBy(proplet.id)]) {
        const task = state.tasks.get(id);
        if (task === undefined || !isAlone(task)) continue;
        if (task.stopping) stopAgain(task, proplet);
        else if (task.state === TaskState.Scheduled || !tellsLosses) send(task, proplet, 1);
      }
    },
    close() {
      closed = true;
      stopListening();
      timers.close();
    },
  };

  function stopAgain(task: Task, proplet: Proplet): void {
    commands
      .stop(task, proplet)
      .then(() => {
        // A legacy one confirms no stop: that it was sent has to do.
        const stopped = hasFeature(proplet, "ack") ? undefined : current(task);
        if (stopped?.stopping) state.apply(stopped, { type: "interrupt" });
      })
      .catch((error: unknown) => log.warn(`stop of task ${task.id}: ${messageOf(error)}`));
  }
}

/** One proplet has it, not many at once. */
function isAlone(task: Task): boolean {
  return task.answers === undefined;
}

/** The attempt that counts is this one; of a broadcast each proplet runs its own part. */
function isMeant(task: Task, attempt: number, proplet: Proplet): boolean {
  const isThere = task.proplet_id === proplet.id || task.broadcast === true;
  return isActive(task.state) && task.attempt === attempt && isThere;
}

function mayRegain(task: Task, proplet: Proplet): boolean {
  const { cordoned, draining, leaving } = proplet;
  return !cordoned && !draining && !leaving && (!task.pinned || task.proplet_id === proplet.id);
}
