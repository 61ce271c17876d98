/** Jobs and workflows that live in memory and run nothing: for tests of what the API makes of them. */
import { randomUUID } from "node:crypto";
import { PropError } from "../../errors.ts";
import { tallyOf } from "../../manager/groups/span.ts";
import type { Job, Jobs, Listed, Page, Workflow, Workflows } from "../../manager/manager.ts";
import type { Task } from "../../model/task.ts";

type Called = (name: string, ...args: unknown[]) => unknown;
type MakeTask = (fields: Partial<Task>) => Task;

export function fakeJobs(called: Called, task: MakeTask): Jobs & { stored: Map<string, Job> } {
  const stored = new Map<string, Job>();
  const summaryOf = ({ tasks, ...job }: Job) => ({ ...job, tally: tallyOf(tasks) });
  return {
    stored,
    async create(input) {
      called("createJob", input);
      const id = randomUUID();
      const tasks = input.tasks.map(({ name = "" }) => task({ name, job_id: id }));
      const job: Job = {
        id,
        name: input.name ?? "",
        execution_mode: input.execution_mode ?? "parallel",
        task_ids: tasks.map((one) => one.id),
        created_at: "2026-01-02T03:04:05Z",
        tasks,
        state: 0,
      };
      stored.set(id, job);
      return job;
    },
    get: async (id) => found(stored, id, "job"),
    async list(query) {
      called("listJobs", query);
      return paged([...stored.values()], query);
    },
    async summaries(query) {
      called("listJobs", query);
      const { total, items } = paged([...stored.values()], query);
      return { total, items: items.map(summaryOf) };
    },
    async summary(id, { offset, limit }) {
      const job = found(stored, id, "job");
      return { ...summaryOf(job), tasks: job.tasks.slice(offset, offset + limit) };
    },
    start: async (id) => void called("startJob", found(stored, id, "job").id),
    stop: async (id) => void called("stopJob", found(stored, id, "job").id),
    delete: async (id) => void stored.delete(found(stored, id, "job").id),
  };
}

export function fakeWorkflows(called: Called, task: MakeTask): Workflows & { stored: Map<string, Workflow> } {
  const stored = new Map<string, Workflow>();
  return {
    stored,
    async create(input) {
      called("createWorkflow", input);
      const id = randomUUID();
      const tasks = input.tasks.map(({ name = "" }) => task({ name, workflow_id: id }));
      const task_ids = tasks.map((one) => one.id);
      const workflow: Workflow = { id, task_ids, created_at: "2026-01-02T03:04:05Z", tasks, state: 0 };
      stored.set(id, workflow);
      return workflow;
    },
    get: async (id) => found(stored, id, "workflow"),
    list: async (page) => paged([...stored.values()], page),
    start: async (id) => void called("startWorkflow", found(stored, id, "workflow").id),
    stop: async (id) => void called("stopWorkflow", found(stored, id, "workflow").id),
    delete: async (id) => void stored.delete(found(stored, id, "workflow").id),
  };
}

function found<T>(map: Map<string, T>, key: string, what: string): T {
  const value = map.get(key);
  if (value !== undefined) return value;
  throw new PropError({ code: `${what.toUpperCase()}_NOT_FOUND`, message: `there is no ${what} ${key}` });
}

function paged<T>(all: T[], { offset, limit }: Page): Listed<T> {
  return { total: all.length, items: all.slice(offset, offset + limit) };
}
