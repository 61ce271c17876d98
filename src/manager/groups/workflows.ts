/** What clients do with workflows. */
import { PropError } from "../../errors.ts";
import { jobState } from "../../model/job.ts";
import { TaskState } from "../../model/task-state.ts";
import type { WorkflowRecord } from "../../model/workflow.ts";
import type { Store } from "../../store/store.ts";
import type { Workflow, Workflows } from "../manager.ts";
import type { State } from "../state/state.ts";
import type { GroupRuns } from "./group-runs.ts";
import { checkNew, givenGroupId, groupTasks, refused } from "./group-tasks.ts";
import type { Groups } from "./groups.ts";
import { tallyOf } from "./span.ts";

export interface WorkflowsDependencies {
  state: State;
  store: Store;
  groups: Groups;
  runs: GroupRuns;
  now: () => Date;
}

const INVALID = "WORKFLOW_INVALID";

export function createWorkflows({ state, store, groups, runs, now }: WorkflowsDependencies): Workflows {
  async function find(id: string): Promise<WorkflowRecord> {
    const record = await store.workflow(id);
    if (record !== undefined) return record;
    throw new PropError({
      code: "WORKFLOW_NOT_FOUND",
      message: `workflow ${id} doesn't exist`,
      hint: "See: prop workflows list",
    });
  }

  async function whole(record: WorkflowRecord): Promise<Workflow> {
    const tasks = await runs.members({ workflow_id: record.id }, record.task_ids);
    return { ...record, tasks, state: jobState(tallyOf(tasks)) };
  }

  return {
    async create({ name, tasks: inputs }, { id: given, also = [] } = {}) {
      const id = given ?? givenGroupId(inputs, "workflow_id", INVALID);
      const ref = { workflow_id: id };
      const at = now();
      const { tasks, changes } = groupTasks(inputs, { ref, now: at, code: INVALID });
      if ((await store.workflow(id)) !== undefined) throw refused(INVALID, `workflow ${id} exists already`);
      await checkNew(state, inputs, INVALID);
      const workflow: WorkflowRecord = {
        id,
        ...(name ? { name } : {}),
        task_ids: tasks.map((task) => task.id),
        created_at: at.toISOString(),
      };
      groups.put(ref, tasks);
      await state.putAll(tasks, [...changes, { kind: "workflow", workflow }, ...also]);
      return { ...workflow, tasks, state: TaskState.Pending };
    },
    get: async (id) => whole(await find(id)),
    async list(page) {
      const { total, items } = await store.workflows(page);
      return { total, items: await Promise.all(items.map(whole)) };
    },
    async start(id) {
      const { tasks } = await whole(await find(id));
      await runs.start(tasks, { ref: { workflow_id: id }, active: active(id) });
    },
    async stop(id) {
      await find(id);
      await runs.stop({ workflow_id: id });
    },
    async delete(id) {
      await find(id);
      await runs.delete({ workflow_id: id }, { kind: "workflowDeleted", id });
    },
  };
}

function active(id: string): PropError {
  return new PropError({
    code: "WORKFLOW_ACTIVE",
    message: `workflow ${id} is started already`,
    hint: `Stop it first: prop workflows stop ${id}`,
  });
}
