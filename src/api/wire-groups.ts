/** What the API takes and says of jobs and workflows: the schemas that type the server and the client. */
import Type, { type Static } from "typebox";
import { TaskInput } from "../model/task.ts";
import { WireTask } from "./wire.ts";

const Time = Type.String({ description: "RFC 3339; 0001-01-01T00:00:00Z where it is not set" });
const Text = Type.Optional(Type.String());

/** A task of a job or a workflow: others name it by its id, or by its name where only one has that. */
export const GroupedTask = Type.Object({ ...TaskInput.properties, id: Text });

export const JobInput = Type.Object({
  name: Text,
  tasks: Type.Optional(Type.Array(GroupedTask)),
  execution_mode: Text,
});
export type JobInput = Static<typeof JobInput>;

export const WorkflowInput = Type.Object({ name: Text, tasks: Type.Optional(Type.Array(GroupedTask)) });
export type WorkflowInput = Static<typeof WorkflowInput>;

/** A job as `POST /jobs` and `GET /jobs/{id}` show it. */
export const WireJob = Type.Object({ job_id: Type.String(), tasks: Type.Array(WireTask) });
export type WireJob = Static<typeof WireJob>;

const jobHead = {
  job_id: Type.String(),
  name: Text,
  state: Type.Integer({
    description: "as of a task: 0 Pending, 2 Running, 3 Completed, 4 Failed, 6 Interrupted",
  }),
  start_time: Time,
  finish_time: Time,
  created_at: Time,
};

/** A job in a list. */
export const WireListedJob = Type.Object({ ...jobHead, tasks: Type.Array(WireTask) });
export type WireListedJob = Static<typeof WireListedJob>;

/** A job with `?summary=true`: what its tasks come to, and of a single job a page of them. */
export const WireJobSummary = Type.Object({
  ...jobHead,
  execution_mode: Type.String(),
  total: Type.Integer({ description: "how many tasks it has" }),
  counts: Type.Record(Type.String(), Type.Integer(), {
    description: "how many tasks are in each state that some are in",
  }),
  tasks: Type.Optional(Type.Array(WireTask)),
});
export type WireJobSummary = Static<typeof WireJobSummary>;

const paging = { offset: Type.Integer(), limit: Type.Integer(), total: Type.Integer() };

export const JobPage = Type.Object({
  ...paging,
  jobs: Type.Array(Type.Union([WireListedJob, WireJobSummary])),
});
export interface JobSummaryPage {
  offset: number;
  limit: number;
  total: number;
  jobs: WireJobSummary[];
}

export const JobMessage = Type.Object({ job_id: Type.String(), message: Type.String() });
export type JobMessage = Static<typeof JobMessage>;

/** A workflow as `GET /workflows/{id}` shows it; `POST /workflows` answers the tasks alone. */
export const WireWorkflow = Type.Object({
  workflow_id: Type.String(),
  name: Text,
  state: Type.Integer(),
  created_at: Time,
  tasks: Type.Array(WireTask),
});
export type WireWorkflow = Static<typeof WireWorkflow>;

export const WorkflowTasks = Type.Object({ tasks: Type.Array(WireTask) });
export type WorkflowTasks = Static<typeof WorkflowTasks>;

export const WorkflowPage = Type.Object({ ...paging, workflows: Type.Array(WireWorkflow) });
export type WorkflowPage = Static<typeof WorkflowPage>;

export const WorkflowMessage = Type.Object({ workflow_id: Type.String(), message: Type.String() });
export type WorkflowMessage = Static<typeof WorkflowMessage>;
