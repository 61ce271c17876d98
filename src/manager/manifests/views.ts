/** The objects of each kind as they stand, whether a manifest made them or not. */

import type { JobSpec } from "../../model/manifest/job.ts";
import type { Kind } from "../../model/manifest/kinds.ts";
import type { PropletSpec } from "../../model/manifest/proplet.ts";
import type { ObjectView } from "../../model/manifest/resource.ts";
import { functionSpecOf, groupedTaskSpecOf, taskSpecOf } from "../../model/manifest/task-spec.ts";
import type { Proplet } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import type {
  Functions,
  Job,
  JobSummary,
  Jobs,
  Listed,
  Page,
  Proplets,
  Tasks,
  Workflow,
  Workflows,
} from "../manager.ts";
import type { State } from "../state/state.ts";
import { functionStatus, groupStatus, propletStatus, tallyStatus, taskStatus } from "./status.ts";
import { traitsOf } from "./traits.ts";

export interface Views {
  list(kind: Kind, page: Page): Promise<Listed<ObjectView>>;
  /** @throws PropError `TASK_NOT_FOUND` and the like */
  get(kind: Kind, id: string): Promise<ObjectView>;
}

export interface ViewsDependencies {
  state: Pick<State, "find">;
  tasks: Tasks;
  proplets: Proplets;
  functions: Functions;
  jobs: Jobs;
  workflows: Workflows;
  /** Why a queued task is not placed yet. */
  waitsFor: (taskId: string) => string | undefined;
}

export function createViews({
  state,
  tasks,
  proplets,
  functions,
  jobs,
  workflows,
  waitsFor,
}: ViewsDependencies): Views {
  const ofTask = (task: Task): ObjectView => ({
    id: task.id,
    createdAt: task.created_at,
    spec: () => taskSpecOf(task),
    status: taskStatus(task, waitsFor(task.id)),
  });
  const ofProplet = (proplet: Proplet): ObjectView => ({
    id: proplet.id,
    createdAt: proplet.created_at,
    spec: () => propletSpecOf(proplet),
    status: propletStatus(proplet, proplets.taskCount(proplet.id)),
  });

  async function ofFunction(name: string): Promise<ObjectView> {
    const record = await functions.get(name);
    const task = await state.find(record.task_id);
    return {
      id: name,
      createdAt: record.created_at,
      spec: () => (task === undefined ? {} : functionSpecOf(task)),
      status: functionStatus(record, task),
    };
  }

  async function list(kind: Kind, page: Page): Promise<Listed<ObjectView>> {
    switch (kind) {
      case "Task":
        return shown(await tasks.list(page), ofTask);
      case "Proplet":
        return shown(await proplets.list(page), ofProplet);
      case "Job":
        return shown(await jobs.summaries(page), (summary) => ofJobSummary(summary, jobs));
      case "Workflow":
        return shown(await workflows.list(page), ofWorkflow);
      case "Function": {
        const all = await functions.list();
        const items = all.slice(page.offset, page.offset + page.limit);
        return { total: all.length, items: await Promise.all(items.map(({ name }) => ofFunction(name))) };
      }
    }
  }

  async function get(kind: Kind, id: string): Promise<ObjectView> {
    switch (kind) {
      case "Task":
        return ofTask(await tasks.get(id));
      case "Proplet":
        return ofProplet(await proplets.get(id));
      case "Job":
        return ofJob(await jobs.get(id));
      case "Workflow":
        return ofWorkflow(await workflows.get(id));
      case "Function":
        return ofFunction(id);
    }
  }

  return { list, get };
}

function shown<T>({ total, items }: Listed<T>, view: (item: T) => ObjectView): Listed<ObjectView> {
  return { total, items: items.map(view) };
}

function ofJob(job: Job): ObjectView {
  return { id: job.id, createdAt: job.created_at, spec: () => jobSpecOf(job), status: groupStatus(job) };
}

/** A job may have thousands of tasks: they are read only where its spec is asked for. */
function ofJobSummary(summary: JobSummary, jobs: Jobs): ObjectView {
  return {
    id: summary.id,
    createdAt: summary.created_at,
    spec: async () => jobSpecOf(await jobs.get(summary.id)),
    status: tallyStatus(summary),
  };
}

function jobSpecOf({ name, execution_mode, tasks }: Job): JobSpec {
  return { ...(name === "" ? {} : { name }), executionMode: execution_mode, tasks: tasksOf(tasks) };
}

function ofWorkflow(workflow: Workflow): ObjectView {
  const name = workflow.name === undefined ? {} : { name: workflow.name };
  return {
    id: workflow.id,
    createdAt: workflow.created_at,
    spec: () => ({ ...name, tasks: tasksOf(workflow.tasks) }),
    status: groupStatus(workflow),
  };
}

function tasksOf(tasks: readonly Task[]) {
  const names = new Map(tasks.map(({ id, name }) => [id, name]));
  return tasks.map((task) => groupedTaskSpecOf(task, names));
}

function propletSpecOf(proplet: Proplet): PropletSpec {
  const { type, deviceType, ...words } = traitsOf(proplet);
  if (type === "k8s") return { type, k8s: words };
  return { type, external: { ...(deviceType === undefined ? {} : { deviceType }), ...words } };
}
