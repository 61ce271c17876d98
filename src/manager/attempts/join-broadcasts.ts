/** Attempts and dispatching for both kinds of tasks: those that one proplet holds, and those that many do. */
import type { Proplet } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import { candidateOf } from "../../scheduler/candidate.ts";
import { demandOf, NOTHING } from "../../scheduler/demand.ts";
import { reasonsAgainst } from "../../scheduler/filters/index.ts";
import type { Commands } from "../commands.ts";
import type { Dispatcher } from "../placement/dispatcher.ts";
import type { State } from "../state/state.ts";
import type { Attempts } from "./attempts.ts";
import type { Broadcasts } from "./broadcasts.ts";

/** `attempts` knows nothing of broadcasts: what happens to a proplet is told to both. */
export function joinAttempts(
  attempts: Attempts,
  { state, broadcasts, commands }: { state: State; broadcasts: Broadcasts; commands: Commands },
): Attempts {
  function broadcastsOn(propletId: string, which: (task: Task) => boolean = () => true): Task[] {
    return [...state.heldBy(propletId)].flatMap((id) => {
      const task = state.tasks.get(id);
      return task?.answers !== undefined && which(task) ? [task] : [];
    });
  }

  return {
    ...attempts,
    evacuate(propletId, loss, which) {
      attempts.evacuate(propletId, loss, which);
      for (const task of broadcastsOn(propletId, which)) broadcasts.lose(task, propletId, loss.reason);
    },
    release(proplet, reason, which) {
      attempts.release(proplet, reason, which);
      for (const task of broadcastsOn(proplet.id, which)) {
        broadcasts.lose(task, proplet.id, reason);
        void commands.stop(task, proplet).catch(() => undefined);
      }
    },
    repeat(proplet) {
      attempts.repeat(proplet);
      for (const task of broadcastsOn(proplet.id)) broadcasts.repeat(task, proplet);
    },
    reconcile(proplet, held) {
      attempts.reconcile(proplet, held);
      const there = new Map(held.map(({ task_id, attempt }) => [task_id, attempt]));
      for (const task of broadcastsOn(proplet.id)) {
        if (there.get(task.id) !== task.attempt) broadcasts.repeat(task, proplet);
      }
    },
  };
}

/** Why a proplet gets no broadcast; undefined where it does. */
export function refusal(task: Task, proplet: Proplet): string | undefined {
  // What it holds now doesn't matter: the task waits there for its turn.
  const empty = candidateOf(proplet, { held: NOTHING, lastTurn: 0, seat: 0 });
  return reasonsAgainst(demandOf(task, "hybrid"), empty)[0];
}

export function joinDispatcher(dispatcher: Dispatcher, broadcasts: Broadcasts): Dispatcher {
  return {
    ...dispatcher,
    wake() {
      dispatcher.wake();
      broadcasts.wake();
    },
    waitsFor: (taskId) => broadcasts.waitsFor(taskId) ?? dispatcher.waitsFor(taskId),
  };
}
