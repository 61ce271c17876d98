/** Moves a function's task off its proplet: another one is ready elsewhere before the name turns and the first one goes. */

import type { FunctionRecord } from "../../model/function.ts";
import type { Task } from "../../model/task.ts";
import { TaskState } from "../../model/task-state.ts";
import { newId } from "../new-id.ts";
import type { State } from "../state/state.ts";

/** @throws PropError where no other proplet had it ready in `limitMs`; all is as it was then */
export type FunctionMover = (task: Task, limitMs: number) => Promise<void>;

export interface FunctionMoverDependencies {
  state: State;
  /** One change of a name at a time. */
  inTurn: (name: string, work: () => Promise<void>) => Promise<void>;
  ready: (task: Task, limitMs: number) => Promise<void>;
  retire: (taskId: string) => Promise<void>;
  now: () => Date;
}

export function createFunctionMover(dependencies: FunctionMoverDependencies): FunctionMover {
  const { state, inTurn, ready, retire, now } = dependencies;

  async function turn(record: FunctionRecord, task: Task, limitMs: number): Promise<void> {
    const queued = state.apply(successor(task, now()), { type: "queue" });
    if (queued === undefined) return;
    try {
      await queued.saved;
      await ready(queued.task, limitMs);
    } catch (error) {
      await retire(queued.task.id);
      throw error;
    }
    await state.putFunction({ ...record, task_id: queued.task.id });
    await retire(task.id);
  }

  return async (task, limitMs) => {
    const name = task.function ?? "";
    await inTurn(name, async () => {
      const record = state.functions.get(name);
      // A deployment was faster, or it is gone: the task goes with that.
      if (record?.task_id === task.id) await turn(record, task, limitMs);
    });
  };
}

/** The same task before its first attempt. */
function successor(task: Task, at: Date): Task {
  const { proplet_id: _, boot_id, start_time, updated_at, losses, ...same } = task;
  return {
    ...same,
    id: newId(),
    state: TaskState.Pending,
    attempt: 0,
    lost: 0,
    created_at: at.toISOString(),
  };
}
