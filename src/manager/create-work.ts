/** What clients hand in: tasks, alone and in groups, and functions with their invocations. */
import type { ExecutionMode } from "../model/job.ts";
import type { Core } from "./core.ts";
import type { Placing } from "./create-placing.ts";
import { createFunctions, type OwnedFunctions } from "./functions/functions.ts";
import { createInvocations, type Invocations } from "./functions/invocations.ts";
import { createGroupRuns } from "./groups/group-runs.ts";
import { createGroups, type Groups } from "./groups/groups.ts";
import { createJobs } from "./groups/jobs.ts";
import { createMembership } from "./groups/membership.ts";
import { createWorkflows } from "./groups/workflows.ts";
import type { Jobs, Tasks, Workflows } from "./manager.ts";
import { createTasks } from "./tasks/tasks.ts";

export interface WorkOptions {
  /** Of jobs that say none; `parallel` by default. */
  jobExecutionMode?: ExecutionMode;
}

export interface Work {
  invocations: Invocations;
  groups: Groups;
  tasks: Tasks;
  functions: OwnedFunctions;
  jobs: Jobs;
  workflows: Workflows;
}

export function createWork(core: Core, { broadcasts, dispatcher }: Placing, options: WorkOptions): Work {
  const invocations = createInvocations(core);
  const groups = createGroups(core);
  const membership = createMembership({ ...core, groups });
  const tasks = createTasks({ ...core, invocations, broadcasts, dispatcher, membership });
  const runs = createGroupRuns({ ...core, groups, tasks });
  const functions = createFunctions({ ...core, tasks, invocations, dispatcher });
  const jobs = createJobs({ ...core, groups, runs, executionMode: options.jobExecutionMode ?? "parallel" });
  const workflows = createWorkflows({ ...core, groups, runs });
  return { invocations, groups, tasks, functions, jobs, workflows };
}
