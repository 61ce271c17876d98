/** What clients do with tasks. */
import { messageOf, PropError } from "../../errors.ts";
import { hasFeature } from "../../model/proplet.ts";
import type { Task, TaskInput } from "../../model/task.ts";
import { isActive, isEnded } from "../../model/task-state.ts";
import type { Change, Store } from "../../store/store.ts";
import type { Broadcasts } from "../attempts/broadcasts.ts";
import type { Commands } from "../commands.ts";
import type { Invocations } from "../functions/invocations.ts";
import type { Membership } from "../groups/membership.ts";
import type { Log } from "../log.ts";
import type { Tasks } from "../manager.ts";
import type { Dispatcher } from "../placement/dispatcher.ts";
import { armed } from "../schedules/validate-schedule.ts";
import type { State } from "../state/state.ts";
import { moduleOf, recentModules } from "./read-module.ts";
import { describe, newTask } from "./validate-task.ts";

export interface TasksDependencies {
  state: State;
  store: Store;
  commands: Commands;
  invocations: Invocations;
  broadcasts: Pick<Broadcasts, "stop">;
  dispatcher: Pick<Dispatcher, "waitsFor" | "explain">;
  membership: Membership;
  log: Log;
  now: () => Date;
}

export function createTasks(dependencies: TasksDependencies): Tasks {
  const { state, store, commands, invocations, broadcasts, dispatcher, membership, log, now } = dependencies;
  const modules = recentModules();
  const find = async (id: string): Promise<Task> => {
    const task = await state.find(id);
    if (task === undefined) throw notFound(id);
    return task;
  };

  /** Tells the proplet; what doesn't confirm (a legacy one, one that is gone) is taken at the broker's word. */
  async function stopActive(task: Task): Promise<Task> {
    if (task.answers !== undefined) return broadcasts.stop(task);
    const proplet = state.proplets.get(task.proplet_id ?? "");
    const confirms = proplet?.alive === true && hasFeature(proplet, "ack");
    if (proplet !== undefined) {
      const sent = commands.stop(task, proplet);
      if (proplet.alive && !confirms) await sent;
      else sent.catch((error: unknown) => log.warn(`stop of task ${task.id}: ${messageOf(error)}`));
    }
    if (confirms) return task;
    // It may have ended meanwhile, and been started anew.
    const now = state.tasks.get(task.id);
    if (!now?.stopping || now.attempt !== task.attempt) return now ?? task;
    const applied = state.apply(now, { type: "interrupt" });
    await applied?.saved;
    return applied?.task ?? task;
  }

  /** The task as a client changed it; the module it had before goes once nobody has it, and no run needs it. */
  async function replace(before: Task, after: Task, changes: Change[]): Promise<Task> {
    const task = { ...after, updated_at: now().toISOString() };
    const was = before.module?.digest;
    if (was === undefined || was === task.module?.digest) {
      await state.put(task, { also: changes });
      return task;
    }
    const released: Change = { kind: "moduleReleased", digest: was };
    await state.put(task, { also: changes, after: isActive(before.state) ? [] : [released] });
    if (isActive(before.state)) releaseAfterRun(task.id, released);
    return task;
  }

  /** Its proplet may be about to fetch it. Where the manager ends first, the store finds at its start that nobody has it. */
  function releaseAfterRun(id: string, released: Change): void {
    const stopListening = state.onTask((task) => {
      if (task.id !== id || isActive(task.state)) return;
      stopListening();
      store
        .commit([released])
        .catch((error: unknown) => log.warn(`module of task ${id}: ${messageOf(error)}`));
    });
  }

  /** It starts by itself once those it depends on have ended. */
  async function waitAnew(task: Task): Promise<Task> {
    if (isActive(task.state) || task.queued_at) throw active(task);
    const applied = state.apply(task, { type: "reset" });
    await applied?.saved;
    return applied?.task ?? task;
  }

  async function stop(id: string): Promise<Task> {
    const applied = state.apply(await find(id), { type: "stop" });
    if (applied === undefined) throw notFound(id, "is not running");
    await applied.saved;
    return isEnded(applied.task.state) ? applied.task : stopActive(applied.task);
  }

  async function stopIfActive(id: string): Promise<void> {
    const task = state.tasks.get(id);
    if (task !== undefined && isActive(task.state)) await stop(id);
  }

  return {
    get: find,
    list: ({ offset, limit, ...filter }) => store.tasks({ offset, limit }, filter),
    async create(input, { start = false, function: name, id, also: more = [] } = {}) {
      const { task: described, changes } = newTask(input, now(), modules);
      const named = name === undefined ? described : { ...described, function: name };
      const task = id === undefined ? named : { ...named, id };
      if (start) runnable(task);
      return membership.inTurn(task, async () => {
        const also = [...changes, ...more, ...(await membership.joining(task))];
        const starts = start && !task.depends_on?.length;
        const applied = starts ? state.apply(task, { type: "queue" }, { also }) : undefined;
        try {
          await (applied?.saved ?? state.put(task, { also }));
        } catch (error) {
          state.remove(task.id).catch(() => undefined);
          throw error;
        }
        await membership.changed(task);
        return applied?.task ?? task;
      });
    },
    async update(id, input) {
      const before = await find(id);
      const { workflow_id: _, job_id: __, ...fields } = input;
      const { depends_on = before.depends_on } = fields;
      await membership.checkChange(before, depends_on === undefined ? before : { ...before, depends_on });
      // It may have been placed, or have ended, while that was looked up: what counts is how it stands now.
      const current = await find(id);
      const { task, changes } = describe(scheduledAnew(current, fields), fields);
      if (isActive(current.state) && task.proplet_id !== current.proplet_id) throw active(current);
      const replaced = await replace(current, armed(task, input, now()), changes);
      if (task.depends_on !== current.depends_on || task.run_if !== current.run_if)
        await membership.changed(task);
      return replaced;
    },
    async upload(id, bytes) {
      const before = await find(id);
      const { module, change } = moduleOf(bytes);
      return replace(before, { ...before, module }, [change]);
    },
    async delete(id) {
      const task = await find(id);
      await membership.inTurn(task, async () => {
        const also = await membership.leaving(task);
        await stopIfActive(id);
        await (also.length === 0 ? state.remove(id) : state.removeAll([id], also));
        await membership.changed(task);
      });
    },
    async start(id) {
      const task = await find(id);
      runnable(task);
      if (await membership.waits(task)) return waitAnew(task);
      const applied = state.apply(task, { type: "queue" });
      if (applied === undefined) throw active(task);
      await applied.saved;
      return applied.task;
    },
    stop,
    async invoke(id, request) {
      const task = await find(id);
      if (!task.latent) throw new PropError({ code: "TASK_INVALID", message: `task ${id} is not latent` });
      return invocations.invoke(id, request);
    },
    metrics: (id, page) => store.taskMetrics(id, page),
    waitsFor: (id) => dispatcher.waitsFor(id),
    async explain(id) {
      const task = await find(id);
      const waits = dispatcher.waitsFor(id);
      return { ...dispatcher.explain(task), ...(waits === undefined ? {} : { waits }) };
    },
    async attempts(id) {
      await find(id);
      return store.attempts(id);
    },
  };
}

/** As in the legacy manager, another schedule doesn't keep the zone and the recurrence of the one before. */
function scheduledAnew(task: Task, { schedule }: TaskInput): Task {
  if (schedule === task.schedule) return task;
  const { timezone: _, is_recurring: __, ...unscheduled } = task;
  return unscheduled;
}

function runnable(task: Task): void {
  if (task.module !== undefined || task.image_url !== undefined) return;
  throw new PropError({
    code: "TASK_INVALID",
    message: `task ${task.id} has no module: neither file nor image_url`,
    hint: `Upload one: prop tasks upload ${task.id} app.wasm`,
  });
}

function notFound(id: string, why = "doesn't exist"): PropError {
  return new PropError({ code: "TASK_NOT_FOUND", message: `task ${id} ${why}` });
}

function active(task: Task): PropError {
  return new PropError({
    code: "TASK_ACTIVE",
    message: task.queued_at
      ? `task ${task.id} is started already`
      : `task ${task.id} is scheduled or running`,
    hint: `Stop it first: prop tasks stop ${task.id}`,
  });
}
