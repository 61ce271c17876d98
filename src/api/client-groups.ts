/** The client's part for jobs and workflows. */
import type { Page } from "../manager/manager.ts";
import type { Call } from "./client-request.ts";
import type {
  JobInput,
  JobMessage,
  JobSummaryPage,
  WireJob,
  WireJobSummary,
  WireWorkflow,
  WorkflowInput,
  WorkflowMessage,
  WorkflowPage,
  WorkflowTasks,
} from "./wire-groups.ts";

export type * from "./wire-groups.ts";

type Caller = <T>(path: string, how?: Call) => Promise<T>;
type PageRequest = Partial<Page>;

export function jobsClient(call: Caller) {
  const at = (id: string, rest = "") => `/jobs/${encodeURIComponent(id)}${rest}`;
  return {
    create: (json: JobInput) => call<WireJob>("/jobs", { method: "POST", json }),
    /** What each comes to, without its tasks. */
    list: (query: PageRequest & { status?: string } = {}) =>
      call<JobSummaryPage>("/jobs", { query: { ...query, summary: true } }),
    /** What it comes to, and a page of its tasks. */
    get: (id: string, page: PageRequest = {}) =>
      call<WireJobSummary>(at(id), { query: { ...page, summary: true } }),
    start: (id: string) => call<JobMessage>(at(id, "/start"), { method: "POST" }),
    stop: (id: string) => call<JobMessage>(at(id, "/stop"), { method: "POST" }),
    delete: (id: string) => call<void>(at(id), { method: "DELETE" }),
  };
}

export function workflowsClient(call: Caller) {
  const at = (id: string, rest = "") => `/workflows/${encodeURIComponent(id)}${rest}`;
  return {
    create: (json: WorkflowInput) => call<WorkflowTasks>("/workflows", { method: "POST", json }),
    list: (query: PageRequest = {}) => call<WorkflowPage>("/workflows", { query: { ...query } }),
    get: (id: string) => call<WireWorkflow>(at(id)),
    start: (id: string) => call<WorkflowMessage>(at(id, "/start"), { method: "POST" }),
    stop: (id: string) => call<WorkflowMessage>(at(id, "/stop"), { method: "POST" }),
    delete: (id: string) => call<void>(at(id), { method: "DELETE" }),
  };
}
