/** Takes an object away: what runs of it is stopped first. */
import { PropError } from "../../errors.ts";
import type { Kind } from "../../model/manifest/kinds.ts";
import { isEnded } from "../../model/task-state.ts";
import type { Functions, Jobs, Proplets, Tasks, Workflows } from "../manager.ts";

export interface RemoveDependencies {
  tasks: Tasks;
  proplets: Proplets;
  functions: Functions;
  jobs: Jobs;
  workflows: Workflows;
}

export type Remove = (kind: Kind, id: string) => Promise<void>;

/** @returns what removes an object by its id. @throws PropError `TASK_NOT_FOUND` and the like */
export function createRemove({ tasks, proplets, functions, jobs, workflows }: RemoveDependencies): Remove {
  return async (kind, id) => {
    switch (kind) {
      case "Task":
        return tasks.delete(id);
      case "Function":
        return functions.delete(id);
      case "Job":
        if (!isEnded((await jobs.get(id)).state)) await jobs.stop(id);
        return jobs.delete(id);
      case "Workflow":
        if (!isEnded((await workflows.get(id)).state)) await workflows.stop(id);
        return workflows.delete(id);
      case "Proplet": {
        const { alive, declared } = await proplets.get(id);
        // One that lives would be back with its next heartbeat: what goes is what was said of it.
        if (alive && declared !== undefined) await proplets.declare(id, {});
        else await proplets.delete(id);
      }
    }
  };
}

/** Does nothing where there is nothing left to take away. */
export async function removeIfThere(remove: Remove, kind: Kind, id: string): Promise<void> {
  try {
    await remove(kind, id);
  } catch (error) {
    if (!(error instanceof PropError) || !error.code.endsWith("_NOT_FOUND")) throw error;
  }
}
