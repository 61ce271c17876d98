/** Runs on many proplets at once: to whom each goes, what each answers, and who is gone before it could. */
import { messageOf, traceOf } from "../../errors.ts";
import { awaits, holders } from "../../model/broadcast.ts";
import { hasFeature, type Proplet } from "../../model/proplet.ts";
import type { Answer, Task } from "../../model/task.ts";
import { isActive } from "../../model/task-state.ts";
import type { Results } from "../../protocol/messages/results.ts";
import type { Commands } from "../commands.ts";
import type { Log } from "../log.ts";
import { MAX_LEVELS, nestsDeeper } from "../nesting.ts";
import type { State } from "../state/state.ts";
import { createTaskTimers } from "../task-timers.ts";
import type { TaskImages } from "../tasks/task-images.ts";
import { createAnswers } from "./answers.ts";

export interface Broadcasts {
  /** Proplets came, or changed: those that wait for one may begin. */
  wake(): void;
  /** Why a queued broadcast has not begun. */
  waitsFor(taskId: string): string | undefined;
  /** A proplet's result. Resolves once it is on disk. */
  answered(task: Task, message: Results): Promise<void>;
  accepted(taskId: string, propletId: string): void;
  /** Tells all who have it; those that never confirm are taken at the broker's word. */
  stop(task: Task): Promise<Task>;
  /** A proplet is gone, or gives its part up. */
  lose(task: Task, propletId: string, reason: string): void;
  /** Sends a start or a stop again that a proplet may not have heard. */
  repeat(task: Task, proplet: Proplet): void;
  close(): void;
}

export interface BroadcastsDependencies {
  state: State;
  commands: Commands;
  log: Log;
  connected: () => boolean;
  /** Why a proplet may not run a task; undefined where it may. */
  refusal: (task: Task, proplet: Proplet) => string | undefined;
  /** Of tasks whose module is in a registry. */
  images?: TaskImages;
  /** How long a proplet may take to accept a start before it is sent again, and then given up. Milliseconds. */
  acceptTimeoutMs: number;
}

const SENDS = 2;
const NOBODY = "no proplet is alive that may run it";

export function createBroadcasts(dependencies: BroadcastsDependencies): Broadcasts {
  const { state, commands, log, connected, refusal, images, acceptTimeoutMs } = dependencies;
  const waiting = new Map<string, string>();
  const timers = createTaskTimers();
  const answers = createAnswers(state);
  let woken: NodeJS.Immediate | undefined;

  for (const task of state.tasks.values()) {
    if (task.broadcast && task.queued_at) waiting.set(task.id, NOBODY);
    for (const id of task.answers === undefined ? [] : holders(task)) awaitAcceptance(task, id, 1);
  }
  const listening = [state.onTask(follow), state.onProplet(wake)];

  function follow(task: Task, before: Task | undefined): void {
    if (!task.broadcast || !task.queued_at) waiting.delete(task.id);
    else if (!waiting.has(task.id) || task.image !== before?.image) {
      waiting.set(task.id, NOBODY);
      wake();
    }
  }

  function wake(): void {
    if (waiting.size === 0) return;
    woken ??= setImmediate(() => {
      woken = undefined;
      for (const id of [...waiting.keys()]) begin(id);
    });
  }

  function begin(id: string): void {
    const task = state.tasks.get(id);
    if (!task?.broadcast || !task.queued_at) return void waiting.delete(id);
    if (images?.holds(task)) return;
    if (!connected()) return void waiting.set(id, "the broker can't be reached");
    const alive = [...state.proplets.values()].filter((proplet) => proplet.alive);
    const chosen = alive.filter((proplet) => refusal(task, proplet) === undefined);
    const applied = state.apply(task, { type: "broadcast", propletIds: chosen.map((proplet) => proplet.id) });
    if (applied === undefined) return void waiting.set(id, NOBODY);
    // One message reaches every legacy proplet: it may go only where all of them are meant.
    const isForAll = chosen.length === alive.length && chosen.every(isLegacy);
    applied.saved.then(
      () => (isForAll ? sendToAll(applied.task) : sendToEach(applied.task, chosen)),
      (error: unknown) => log.error(`broadcast ${id} could not be written: ${messageOf(error)}`),
    );
  }

  function sendToAll(task: Task): void {
    commands.startAll(task).catch((error: unknown) => {
      for (const id of holders(task)) lose(task, id, `its start could not be sent: ${messageOf(error)}`);
    });
  }

  function sendToEach(task: Task, proplets: readonly Proplet[]): void {
    for (const proplet of proplets) send(task, proplet, 1);
  }

  function send(task: Task, proplet: Proplet, sends: number): void {
    const now = state.tasks.get(task.id);
    if (now?.attempt !== task.attempt || !isActive(now.state) || !awaits(now, proplet.id)) return;
    if (now.stopping) return void tellStop(now, proplet).catch(() => undefined);
    commands.start(now, proplet).catch((error: unknown) => {
      log.warn(`start of task ${now.id}: ${messageOf(error)}`);
      if (isLegacy(proplet)) lose(now, proplet.id, `its start could not be sent: ${messageOf(error)}`);
    });
    awaitAcceptance(now, proplet.id, sends);
  }

  function awaitAcceptance(task: Task, propletId: string, sends: number): void {
    const proplet = state.proplets.get(propletId);
    if (proplet !== undefined && isLegacy(proplet)) return;
    timers.set(`${task.id} ${propletId}`, acceptTimeoutMs, () => {
      const now = state.proplets.get(propletId);
      if (!connected()) awaitAcceptance(task, propletId, sends);
      else if (now?.alive && sends < SENDS) send(task, now, sends + 1);
      else lose(task, propletId, `did not accept it in ${(acceptTimeoutMs * sends) / 1000} s`);
    });
  }

  function answer(task: Task, propletId: string, given: Answer, attempt?: number): Promise<void> {
    timers.clear(`${task.id} ${propletId}`);
    return answers.add(task, propletId, given, attempt);
  }

  function lose(task: Task, propletId: string, reason: string): void {
    log.info(`broadcast ${task.id} (${task.name}) on ${propletId}: ${reason}`);
    answer(task, propletId, { error: reason }).catch((error: unknown) => log.error(traceOf(error)));
  }

  function tellStop(task: Task, proplet: Proplet): Promise<void> {
    return commands.stop(task, proplet);
  }

  async function stopOne(task: Task, propletId: string): Promise<void> {
    const proplet = state.proplets.get(propletId);
    if (proplet === undefined) return answer(task, propletId, { error: STOPPED });
    const sent = tellStop(task, proplet);
    if (proplet.alive && !isLegacy(proplet)) {
      sent.catch((error: unknown) => log.warn(`stop of task ${task.id}: ${messageOf(error)}`));
      return undefined;
    }
    await (proplet.alive ? sent : sent.catch(() => undefined));
    return answer(task, propletId, { error: STOPPED });
  }

  return {
    wake,
    waitsFor: (taskId) => images?.waitsFor(taskId) ?? waiting.get(taskId),
    lose,
    answered(task, message) {
      const propletId = message.proplet_id || likelySender(task, state.proplets);
      if (propletId === undefined) return state.saved();
      return answer(task, propletId, answerOf(message), message.attempt);
    },
    accepted: (taskId, propletId) => timers.clear(`${taskId} ${propletId}`),
    async stop(task) {
      const held = holders(task);
      const areLegacy = held.every((id) => isLegacy(state.proplets.get(id)));
      const all = Object.keys(task.answers ?? {}).length;
      if (areLegacy && held.length === all) {
        await commands.stopAll(task);
        await Promise.all(held.map((id) => answer(task, id, { error: STOPPED })));
      } else {
        await Promise.all(held.map((id) => stopOne(task, id)));
      }
      return state.tasks.get(task.id) ?? task;
    },
    repeat(task, proplet) {
      if (task.stopping) stopOne(task, proplet.id).catch((error: unknown) => log.warn(messageOf(error)));
      else send(task, proplet, 1);
    },
    close() {
      for (const stopListening of listening) stopListening();
      timers.close();
      answers.close();
      if (woken !== undefined) clearImmediate(woken);
    },
  };
}

const STOPPED = "task stopped";

function isLegacy(proplet: Proplet | undefined): boolean {
  return proplet === undefined || !hasFeature(proplet, "ack");
}

function answerOf({ results, error, handed_back }: Results): Answer {
  if (handed_back) return { error: error || "the proplet handed it back" };
  if (nestsDeeper(results)) return { error: `its results nest more than ${MAX_LEVELS} levels deep` };
  return error ? { error, ...(results === undefined ? {} : { results }) } : { results: results ?? "" };
}

/** Of a result without a name: a Zephyr proplet sends such, so one of those that have not answered; else any legacy one. */
function likelySender(task: Task, proplets: ReadonlyMap<string, Proplet>): string | undefined {
  const legacy = holders(task).filter((id) => isLegacy(proplets.get(id)));
  return legacy.find((id) => proplets.get(id)?.metadata.os === "zephyr") ?? legacy[0];
}
