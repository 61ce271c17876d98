/** What clients do with jobs. */
import { PropError } from "../../errors.ts";
import { type ExecutionMode, type JobRecord, jobState } from "../../model/job.ts";
import { stateName, TaskState } from "../../model/task-state.ts";
import type { Listed, Page, Store } from "../../store/store.ts";
import type { Job, JobStatus, JobSummary, Jobs } from "../manager.ts";
import type { State } from "../state/state.ts";
import type { GroupRuns } from "./group-runs.ts";
import { checkDag, checkNew, givenGroupId, groupTasks, refused } from "./group-tasks.ts";
import type { Groups } from "./groups.ts";
import { spanOf, tallyOf } from "./span.ts";

export interface JobsDependencies {
  state: State;
  store: Store;
  groups: Groups;
  runs: GroupRuns;
  now: () => Date;
  /** Of jobs that say none. */
  executionMode: ExecutionMode;
}

const INVALID = "JOB_INVALID";
/** Jobs read at once while looking for those of a state. */
const CHUNK = 200;

export function createJobs(dependencies: JobsDependencies): Jobs {
  const { state, store, groups, runs, now, executionMode } = dependencies;

  async function find(id: string): Promise<JobRecord> {
    const record = await store.job(id);
    if (record !== undefined) return record;
    throw new PropError({
      code: "JOB_NOT_FOUND",
      message: `job ${id} doesn't exist`,
      hint: "See: prop jobs list",
    });
  }

  async function whole(record: JobRecord): Promise<Job> {
    const tasks = await runs.members({ job_id: record.id }, record.task_ids);
    return { ...record, ...spanOf(tasks), tasks, state: jobState(tallyOf(tasks)) };
  }

  async function summaryOf(record: JobRecord): Promise<JobSummary> {
    const ref = { job_id: record.id };
    const tally = await store.tallyOf(ref);
    return { ...record, ...(await store.spanOf(ref)), tally, state: jobState(tally) };
  }

  /** The records of a page; those of one status have to be looked for. */
  async function page(query: Page & { status?: JobStatus }): Promise<Listed<JobRecord>> {
    const { status, offset, limit } = query;
    if (status === undefined) return store.jobs({ offset, limit });
    const found: Listed<JobRecord> = { total: 0, items: [] };
    for (let at = 0; ; at += CHUNK) {
      const { items } = await store.jobs({ offset: at, limit: CHUNK });
      for (const record of items) {
        const tally = await store.tallyOf({ job_id: record.id });
        if (stateName(jobState(tally)).toLowerCase() !== status) continue;
        if (found.total >= offset && found.items.length < limit) found.items.push(record);
        found.total += 1;
      }
      if (items.length < CHUNK) return found;
    }
  }

  return {
    async create(
      { name = "", tasks: inputs, execution_mode = executionMode },
      { id: given, also = [] } = {},
    ) {
      const id = given ?? givenGroupId(inputs, "job_id", INVALID);
      const at = now();
      const { tasks, changes } = groupTasks(inputs, { ref: { job_id: id }, now: at, code: INVALID });
      if ((await store.job(id)) !== undefined) throw refused(INVALID, `job ${id} exists already`);
      await checkNew(state, inputs, INVALID);
      const task_ids = tasks.map((task) => task.id);
      if (execution_mode === "sequential") checkOrder(tasks);
      const job: JobRecord = { id, name, execution_mode, task_ids, created_at: at.toISOString() };
      groups.put({ job_id: id }, tasks, job);
      await state.putAll(tasks, [...changes, { kind: "job", job }, ...also]);
      return { ...job, tasks, state: TaskState.Pending };
    },
    get: async (id) => whole(await find(id)),
    async list(query) {
      const { total, items } = await page(query);
      return { total, items: await Promise.all(items.map(whole)) };
    },
    async summaries(query) {
      const { total, items } = await page(query);
      return { total, items: await Promise.all(items.map(summaryOf)) };
    },
    async summary(id, window) {
      const summary = await summaryOf(await find(id));
      return { ...summary, tasks: await runs.tasksOf({ job_id: id }, window) };
    },
    async start(id) {
      const record = await find(id);
      const job = { ...record, started_at: now().toISOString() };
      const { tasks } = await whole(job);
      await runs.start(tasks, { ref: { job_id: id }, job, active: active(id) });
    },
    async stop(id) {
      await find(id);
      await runs.stop({ job_id: id });
    },
    async delete(id) {
      await find(id);
      await runs.delete({ job_id: id }, { kind: "jobDeleted", id });
    },
  };
}

/** One after another can't hold where one waits for another behind it. */
function checkOrder(tasks: readonly { id: string; name: string; depends_on?: string[] }[]): void {
  const chained = tasks.map(({ id, name, depends_on = [] }, index) => {
    const before = tasks[index - 1]?.id;
    return {
      id,
      name,
      depends_on: before === undefined ? depends_on : [...new Set([...depends_on, before])],
    };
  });
  checkDag(chained, INVALID);
}

function active(id: string): PropError {
  return new PropError({
    code: "JOB_ACTIVE",
    message: `job ${id} is started already`,
    hint: `Stop it first: prop jobs stop ${id}`,
  });
}
