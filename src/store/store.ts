/** What the manager remembers, behind a small async interface: load at start, commit in groups, a few queries. */
import type { PropError } from "../errors.ts";
import type { FunctionRecord } from "../model/function.ts";
import type { JobRecord } from "../model/job.ts";
import type { LossCause } from "../model/loss.ts";
import type { Kind } from "../model/manifest/kinds.ts";
import type { ManifestKey, ManifestRecord } from "../model/manifest/record.ts";
import type { Proplet } from "../model/proplet.ts";
import type { Task } from "../model/task.ts";
import type { TaskState } from "../model/task-state.ts";
import type { TokenRecord } from "../model/token.ts";
import type { WorkflowRecord } from "../model/workflow.ts";
import type { PropletMetrics, TaskMetrics } from "../protocol/messages/metrics.ts";

/** How one attempt at a task went, for its history. */
export interface AttemptRecord {
  task_id: string;
  attempt: number;
  proplet_id: string;
  /** RFC 3339. */
  dispatched_at: string;
  ended_at?: string;
  /** Released: given back, or taken away, for another proplet. Superseded: it ended after it was given up. */
  outcome?: "completed" | "failed" | "interrupted" | "lost" | "released" | "superseded";
  reason?: string;
  /** Of one that was lost. */
  cause?: LossCause;
}

export type Change =
  | { kind: "task"; task: Task }
  | { kind: "taskDeleted"; id: string }
  | { kind: "attempt"; attempt: AttemptRecord }
  | { kind: "module"; digest: string; bytes: Uint8Array }
  /** A task that had it has another one now: it goes unless some other task has it. */
  | { kind: "moduleReleased"; digest: string }
  | { kind: "proplet"; proplet: Proplet }
  | { kind: "propletDeleted"; id: string }
  | { kind: "function"; record: FunctionRecord }
  | { kind: "functionDeleted"; name: string }
  | { kind: "job"; job: JobRecord }
  | { kind: "jobDeleted"; id: string }
  | { kind: "workflow"; workflow: WorkflowRecord }
  | { kind: "workflowDeleted"; id: string }
  | { kind: "token"; token: TokenRecord }
  | { kind: "tokenDeleted"; id: string }
  | { kind: "manifest"; manifest: ManifestRecord }
  | { kind: "manifestDeleted"; key: ManifestKey }
  /** `at`: when it came, RFC 3339; a sample without it is older than any other. */
  | { kind: "propletMetrics"; metrics: PropletMetrics; at?: string }
  | { kind: "taskMetrics"; metrics: TaskMetrics; at?: string };

/** What a manager needs in memory: tasks that haven't ended or that a schedule starts again, and the few that are whole. */
export interface Snapshot {
  instanceId: string;
  tasks: Task[];
  proplets: Proplet[];
  functions: FunctionRecord[];
  tokens: TokenRecord[];
  /** How many tasks of each state there are on disk; the index is the state. */
  tally: number[];
}

export interface MetricsLimits {
  /** RFC 3339: samples that came earlier go. */
  before?: string;
  /** How many samples of proplets, and how many of tasks, are kept. */
  count: number;
}

/** The tasks of one job or one workflow. */
export type GroupRef = { job_id: string } | { workflow_id: string };

export interface Page {
  offset: number;
  limit: number;
}

export interface Listed<T> {
  total: number;
  items: T[];
}

/** A task that ended and that no schedule starts again. */
export interface EndedTask {
  id: string;
  state: TaskState;
  /** RFC 3339. */
  finish_time: string;
  /** Its place in the order of creation. */
  seq: number;
  job_id?: string;
  workflow_id?: string;
}

/** What `GET /tasks` asks for. */
export interface TaskFilter {
  /** What a task's own metadata must contain. */
  metadata?: Record<string, unknown>;
  state?: TaskState;
  /** In the order of creation by default. */
  newestFirst?: boolean;
}

export interface CommitOptions {
  /** It may wait a few milliseconds for others to be written with: nothing is lost where it never is. */
  lazy?: boolean;
}

/** A transaction: how many changes it had, and how long they took. */
export interface WrittenGroup {
  changes: number;
  ms: number;
}

export interface Store {
  load(): Promise<Snapshot>;
  /**
   * Resolves once the changes are on disk, together with all others that wait then.
   * @throws PropError `STORE_FAILED` where they could not be written (disk full): none of that group
   * is on disk then, and all of it is tried again with the next; `CHANGE_REFUSED` where one of `changes` can never be
   * written: they are dropped, and the others of the group are on disk
   */
  commit(changes: readonly Change[], options?: CommitOptions): Promise<void>;
  /** Why the latest group could not be written; undefined once one could, which is tried again by itself. */
  failure(): PropError | undefined;
  /** Calls `listener` after each group that was written. Returns what ends it. */
  onWrite(listener: (written: WrittenGroup) => void): () => void;
  task(id: string): Promise<Task | undefined>;
  /** In the order of creation. */
  tasks(page: Page, filter?: TaskFilter): Promise<Listed<Task>>;
  /** In the order of creation. */
  tasksOf(group: GroupRef, page?: Page): Promise<Task[]>;
  /** Of the first start and the last end in a group, RFC 3339. */
  spanOf(group: GroupRef): Promise<{ start_time?: string; finish_time?: string }>;
  job(id: string): Promise<JobRecord | undefined>;
  /** Newest first, as workflows are. */
  jobs(page: Page): Promise<Listed<JobRecord>>;
  workflow(id: string): Promise<WorkflowRecord | undefined>;
  workflows(page: Page): Promise<Listed<WorkflowRecord>>;
  /** How many tasks of a group are in each state; the index is the state. */
  tallyOf(group: GroupRef): Promise<number[]>;
  /** A manifest goes with the object it made, whichever way that is deleted. */
  manifest(key: ManifestKey): Promise<ManifestRecord | undefined>;
  /** By name. */
  manifests(kind: Kind): Promise<ManifestRecord[]>;
  /** Those that made one of these objects. */
  manifestsOf(kind: Kind, objectIds: readonly string[]): Promise<ManifestRecord[]>;
  /** Those that were cut off between two steps. */
  unfinishedManifests(): Promise<ManifestRecord[]>;
  /** Those that ended. */
  attempts(taskId: string): Promise<AttemptRecord[]>;
  /** Those that ended first, from `after` on in the order of their ends. */
  oldestEnded(limit: number, after?: EndedTask): Promise<EndedTask[]>;
  /** Which of a group's tasks ended last; undefined while one is open, or there is none. */
  lastEndedOf(group: GroupRef): Promise<EndedTask | undefined>;
  /** Of a group whose tasks all ended. */
  endedOf(group: GroupRef, limit: number): Promise<EndedTask[]>;
  /** Deletes some samples that are too old or too many. @returns whether there are more of them */
  trimMetrics(limits: MetricsLimits): Promise<boolean>;
  /** Gives some unused space of the file back, where much is unused. @returns whether there is more of it */
  shrink(): Promise<boolean>;
  module(digest: string): Promise<Uint8Array | undefined>;
  /** Newest first. */
  propletMetrics(propletId: string, page: Page): Promise<Listed<PropletMetrics>>;
  taskMetrics(taskId: string, page: Page): Promise<Listed<TaskMetrics>>;
  close(): Promise<void>;
}
