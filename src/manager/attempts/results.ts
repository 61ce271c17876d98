/** What becomes of a task when its proplet reports: on disk first, then the proplet may forget it. */
import { traceOf } from "../../errors.ts";
import { hasFeature } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import { isActive } from "../../model/task-state.ts";
import type { TaskEvent } from "../../model/transition.ts";
import type { Accepted } from "../../protocol/messages/accepted.ts";
import type { Results } from "../../protocol/messages/results.ts";
import type { Store } from "../../store/store.ts";
import type { Commands } from "../commands.ts";
import type { Log } from "../log.ts";
import { MAX_LEVELS, nestsDeeper } from "../nesting.ts";
import type { State } from "../state/state.ts";
import type { Attempts } from "./attempts.ts";
import type { Broadcasts } from "./broadcasts.ts";
import { recordLateResult } from "./late-results.ts";

export interface ResultsDependencies {
  state: State;
  store: Store;
  attempts: Pick<Attempts, "accepted">;
  broadcasts: Pick<Broadcasts, "accepted" | "answered">;
  commands: Commands;
  log: Log;
}

export interface ResultsHandler {
  accepted(message: Accepted): void;
  completed(message: Results): Promise<void>;
}

export function createResults({
  state,
  store,
  attempts,
  broadcasts,
  commands,
  log,
}: ResultsDependencies): ResultsHandler {
  function confirm({ proplet_id, task_id, attempt }: Results): void {
    if (proplet_id && attempt !== undefined) commands.received(proplet_id, task_id, attempt);
  }

  return {
    accepted({ task_id, attempt, proplet_id }) {
      broadcasts.accepted(task_id, proplet_id);
      const task = state.tasks.get(task_id);
      if (task?.answers === undefined && task?.proplet_id !== proplet_id) return;
      attempts.accepted(task_id, attempt);
      if (task !== undefined)
        state
          .apply(task, { type: "accept", attempt })
          ?.saved.catch((error: unknown) => log.error(traceOf(error)));
    },
    async completed(message) {
      // What follows, that its proplet is gone say, may be here in the same turn: it must find this done.
      const task = state.tasks.get(message.task_id) ?? (await state.find(message.task_id));
      if (task?.answers !== undefined && isActive(task.state)) {
        if (!isAnnouncement(task, message)) await broadcasts.answered(task, message);
        confirm(message);
        return;
      }
      if (task === undefined || isOfAnother(task, message, state)) {
        confirm(message);
        return;
      }
      if (isAnnouncement(task, message)) return;
      const applied = state.apply(task, eventOf(message));
      if (applied === undefined)
        log.debug(`result of task ${task.id}, attempt ${message.attempt}, came too late`);
      await (applied?.saved ?? recordLateResult(message, { state, store }));
      confirm(message);
    },
  };
}

function eventOf({ results, error, attempt, proplet_id, handed_back }: Results): TaskEvent {
  const by = proplet_id === undefined ? {} : { propletId: proplet_id };
  if (handed_back && attempt !== undefined) {
    return { type: "release", attempt, ...by, reason: error || `proplet ${proplet_id} handed it back` };
  }
  const of = { ...(attempt === undefined ? {} : { attempt }), ...by };
  if (nestsDeeper(results)) {
    return { type: "fail", error: `its results nest more than ${MAX_LEVELS} levels deep`, ...of };
  }
  return error ? { type: "fail", error, results, ...of } : { type: "complete", results, ...of };
}

/** It says neither whose it is nor of which attempt, so it is a legacy proplet's, where one that says both has the task. */
function isOfAnother(
  task: Task,
  { attempt, proplet_id }: Results,
  { proplets }: Pick<State, "proplets">,
): boolean {
  if (!isActive(task.state) || proplet_id || attempt !== undefined) return false;
  const holder = proplets.get(task.proplet_id ?? "");
  return holder !== undefined && hasFeature(holder, "ack");
}

/** A legacy proplet answers a daemon or a latent task at once, with nothing: that is no end. */
function isAnnouncement(task: Task, { attempt, error }: Results): boolean {
  return attempt === undefined && !error && (task.daemon || task.latent);
}
