/** How the API shows jobs and workflows (wire-contract, section 2); our own fields only where they were asked for. */
import type { Job, JobSummary, Workflow } from "../manager/manager.ts";
import type { Tally } from "../model/job.ts";
import type { Task } from "../model/task.ts";
import { stateName, type TaskState, TaskState as TaskStates } from "../model/task-state.ts";
import { presentTask, UNSET_TIME } from "./present-task.ts";
import type { WireJob, WireJobSummary, WireListedJob, WireWorkflow } from "./wire-groups.ts";

export function presentJob({ id, tasks }: Pick<Job, "id" | "tasks">): WireJob {
  return { job_id: id, tasks: tasks.map(presentTask) };
}

export function presentListedJob(job: Job): WireListedJob {
  return { ...head(job), tasks: job.tasks.map(presentTask) };
}

/** Without its tasks, or with some of them. */
export function presentJobSummary(job: JobSummary & { tasks?: Task[] }): WireJobSummary {
  return {
    ...head(job),
    execution_mode: job.execution_mode,
    total: job.tally.reduce((sum, count) => sum + count, 0),
    counts: countsOf(job.tally),
    ...(job.tasks === undefined ? {} : { tasks: job.tasks.map(presentTask) }),
  };
}

export function presentWorkflow({ id, name, state, created_at, tasks }: Workflow): WireWorkflow {
  return {
    workflow_id: id,
    ...(name === undefined ? {} : { name }),
    state,
    created_at,
    tasks: tasks.map(presentTask),
  };
}

function head(job: Omit<JobSummary, "tally">) {
  const { id, name, state, created_at } = job;
  return {
    job_id: id,
    ...(name === "" ? {} : { name }),
    state,
    start_time: job.start_time ?? UNSET_TIME,
    finish_time: job.finish_time ?? UNSET_TIME,
    created_at,
  };
}

/** `{pending: 3, completed: 7}`: the states that some task is in. */
function countsOf(tally: Tally): Record<string, number> {
  const states: TaskState[] = Object.values(TaskStates);
  return Object.fromEntries(
    states.flatMap((state) => {
      const count = tally[state] ?? 0;
      return count === 0 ? [] : [[stateName(state).toLowerCase(), count]];
    }),
  );
}
