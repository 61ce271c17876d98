/** What clients do with tasks. */
import { messageOf, PropError } from "../errors.ts";
import { hasFeature } from "../model/proplet.ts";
import type { Task } from "../model/task.ts";
import { isActive, isEnded } from "../model/task-state.ts";
import type { Change, Store } from "../store/store.ts";
import type { Commands } from "./commands.ts";
import type { Invocations } from "./invocations.ts";
import type { Log } from "./log.ts";
import type { Tasks } from "./manager.ts";
import type { State } from "./state.ts";
import { describe, moduleOf, newTask } from "./validate-task.ts";

export interface TasksDependencies {
  state: State;
  store: Store;
  commands: Commands;
  invocations: Invocations;
  log: Log;
  now: () => Date;
}

export function createTasks(dependencies: TasksDependencies): Tasks {
  const { state, store, commands, invocations, log, now } = dependencies;
  const find = async (id: string): Promise<Task> => {
    const task = await state.find(id);
    if (task === undefined) throw notFound(id);
    return task;
  };

  /** Tells the proplet; what doesn't confirm (a legacy one, one that is gone) is taken at the broker's word. */
  async function stopActive(task: Task): Promise<Task> {
    const proplet = state.proplets.get(task.proplet_id ?? "");
    const confirms = proplet?.alive === true && hasFeature(proplet, "ack");
    if (proplet !== undefined) {
      const sent = commands.stop(task, proplet);
      if (proplet.alive && !confirms) await sent;
      else sent.catch((error: unknown) => log.warn(`stop of task ${task.id}: ${messageOf(error)}`));
    }
    if (confirms) return task;
    const applied = state.apply(state.tasks.get(task.id) ?? task, { type: "interrupt" });
    await applied?.saved;
    return applied?.task ?? task;
  }

  /** The task as a client changed it; the module it had before goes once nobody has it. */
  async function replace(before: Task, after: Task, changes: Change[]): Promise<Task> {
    const task = { ...after, updated_at: now().toISOString() };
    const was = before.module?.digest;
    const released: Change[] =
      was === undefined || was === task.module?.digest ? [] : [{ kind: "moduleReleased", digest: was }];
    await state.put(task, { also: changes, after: released });
    return task;
  }

  async function stop(id: string): Promise<Task> {
    const applied = state.apply(await find(id), { type: "stop" });
    if (applied === undefined) throw notFound(id, "is not running");
    await applied.saved;
    return isEnded(applied.task.state) ? applied.task : stopActive(applied.task);
  }

  return {
    get: find,
    list: ({ metadata, ...window }) => store.tasks(window, metadata),
    async create(input, { start = false, function: name } = {}) {
      const { task: described, changes } = newTask(input, now());
      const task = name === undefined ? described : { ...described, function: name };
      if (start) runnable(task);
      const applied = start ? state.apply(task, { type: "queue" }, { also: changes }) : undefined;
      try {
        await (applied?.saved ?? state.put(task, { also: changes }));
      } catch (error) {
        state.remove(task.id).catch(() => undefined);
        throw error;
      }
      return applied?.task ?? task;
    },
    async update(id, input) {
      const before = await find(id);
      const { task, changes } = describe(before, input);
      if (isActive(before.state) && task.proplet_id !== before.proplet_id) throw active(before);
      return replace(before, task, changes);
    },
    async upload(id, bytes) {
      const before = await find(id);
      const { module, change } = moduleOf(bytes);
      return replace(before, { ...before, module }, [change]);
    },
    async delete(id) {
      const task = await find(id);
      if (isActive(task.state)) await stop(id);
      await state.remove(id);
    },
    async start(id) {
      const task = await find(id);
      runnable(task);
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
  };
}

function runnable(task: Task): void {
  if (task.broadcast) {
    throw new PropError({
      code: "TASK_INVALID",
      message: "broadcast tasks are not supported by this manager",
    });
  }
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
