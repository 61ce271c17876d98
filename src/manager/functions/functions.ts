/** Functions: a name turned from one latent task to the next, with no invocation lost in between. */
import { messageOf, PropError } from "../../errors.ts";
import type { FunctionRecord } from "../../model/function.ts";
import type { Task } from "../../model/task.ts";
import { isEnded, TaskState } from "../../model/task-state.ts";
import type { Log } from "../log.ts";
import type { Functions, Tasks } from "../manager.ts";
import type { Dispatcher } from "../placement/dispatcher.ts";
import type { State } from "../state/state.ts";
import { createTurns } from "../turns.ts";
import type { Invocations } from "./invocations.ts";
import { createFunctionMover, type FunctionMover } from "./move-function.ts";

export interface FunctionsDependencies {
  state: State;
  tasks: Tasks;
  invocations: Invocations;
  dispatcher: Dispatcher;
  log: Log;
  now: () => Date;
}

/** How long a deployment may take to be ready. */
const READY_MS = 60_000;

export interface OwnedFunctions extends Functions {
  /** Moves a function off the proplet that runs it, with no invocation lost. */
  move: FunctionMover;
  close(): void;
}

export function createFunctions(dependencies: FunctionsDependencies): OwnedFunctions {
  const { state, tasks, invocations, dispatcher, log, now } = dependencies;
  /** One deployment of a name at a time. */
  const inTurn = createTurns();
  const closing = new AbortController();

  function ready(task: Task, limitMs = READY_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(notReady(task, limitMs, dispatcher.waitsFor(task.id))), limitMs);
      const stop = state.onTask((changed) => {
        if (changed.id === task.id) look(changed);
      });
      const abort = () =>
        finish(new PropError({ code: "MANAGER_CLOSING", message: "the manager is shutting down" }));
      closing.signal.addEventListener("abort", abort);
      const finish = (error?: PropError) => {
        clearTimeout(timer);
        stop();
        closing.signal.removeEventListener("abort", abort);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = (current: Task) => {
        if (current.state === TaskState.Running) finish();
        else if (isEnded(current.state)) finish(deployFailed(current.error ?? "it was stopped"));
      };
      look(state.tasks.get(task.id) ?? task);
    });
  }

  /** The revision before: it answers what it was asked, then it goes. */
  async function retire(taskId: string): Promise<void> {
    try {
      await invocations.drained(taskId);
      await tasks.delete(taskId);
    } catch (error) {
      log.warn(`task ${taskId} could not be retired: ${messageOf(error)}`);
    }
  }

  const get = async (name: string): Promise<FunctionRecord> => {
    const record = state.functions.get(name);
    if (record === undefined) throw unknown(name, [...state.functions.keys()]);
    return record;
  };

  // A deployment that the manager's end cut off leaves a task behind that no name leads to.
  for (const { id, function: name } of [...state.tasks.values()]) {
    if (name !== undefined && state.functions.get(name)?.task_id !== id) void retire(id);
  }

  return {
    get,
    list: async () => [...state.functions.values()].sort((a, b) => a.name.localeCompare(b.name)),
    deploy: (name, input) =>
      inTurn(name, async () => {
        const task = await tasks.create(
          { ...input, name: input.name ?? name, latent: true },
          { start: true, function: name },
        );
        try {
          await ready(task);
        } catch (error) {
          await retire(task.id);
          throw error;
        }
        const before = state.functions.get(name);
        const at = now().toISOString();
        const record: FunctionRecord = {
          name,
          revision: (before?.revision ?? 0) + 1,
          task_id: task.id,
          created_at: before?.created_at ?? at,
          updated_at: at,
        };
        await state.putFunction(record);
        if (before !== undefined) void retire(before.task_id);
        return record;
      }),
    delete: (name) =>
      inTurn(name, async () => {
        const record = await get(name);
        await state.removeFunction(record);
        await retire(record.task_id);
      }),
    async invoke(name, request) {
      const record = await get(name);
      const task = state.tasks.get(record.task_id);
      if (task === undefined || isEnded(task.state)) throw notRunning(name, task);
      return invocations.invoke(record.task_id, request, name);
    },
    move: createFunctionMover({ state, inTurn, ready, retire, now }),
    close: () => closing.abort(),
  };
}

function unknown(name: string, known: string[]): PropError {
  return new PropError({
    code: "FUNCTION_NOT_FOUND",
    message: `there is no function ${name}`,
    hint:
      known.length === 0 ? "None is deployed: prop deploy" : `Deployed are: ${known.slice(0, 10).join(", ")}`,
  });
}

function notRunning(name: string, task: Task | undefined): PropError {
  const why = task === undefined ? "was deleted" : (task.error ?? "was stopped");
  return new PropError({
    code: "FUNCTION_NOT_RUNNING",
    message: `function ${name} is not running: its task ${why}`,
    hint: "Deploy it again: prop deploy",
  });
}

function deployFailed(reason: string): PropError {
  return new PropError({ code: "DEPLOY_FAILED", message: `the function did not start: ${reason}` });
}

function notReady(task: Task, limitMs: number, waits: string | undefined): PropError {
  const reason = waits ?? "its proplet did not answer";
  return deployFailed(`task ${task.id} was not ready in ${limitMs / 1000} s: ${reason}`);
}
