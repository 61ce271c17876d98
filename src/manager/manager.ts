/** The control plane as `api`, `kube` and `gateway` see it. Every function throws PropError where a client can act. */
import type { PropError } from "../errors.ts";
import type { RecordedEvent } from "../model/event.ts";
import type { FunctionRecord } from "../model/function.ts";
import type { ExecutionMode, JobRecord, Tally } from "../model/job.ts";
import type { FieldChange } from "../model/manifest/field-changes.ts";
import type { Kind, Manifest } from "../model/manifest/kinds.ts";
import type { ManifestKey } from "../model/manifest/record.ts";
import type { Resource } from "../model/manifest/resource.ts";
import type { Policy } from "../model/placement.ts";
import type { Declaration, Proplet } from "../model/proplet.ts";
import type { Task, TaskInput } from "../model/task.ts";
import type { TaskState } from "../model/task-state.ts";
import type { Scope, TokenRecord } from "../model/token.ts";
import type { WorkflowRecord } from "../model/workflow.ts";
import type { PropletMetrics, TaskMetrics } from "../protocol/messages/metrics.ts";
import type { AttemptRecord, Change, Listed, Page, TaskFilter } from "../store/store.ts";
import type { Answered, Forwarded } from "./federated/coordinator.ts";

export type { AttemptRecord, Listed, Page, TaskFilter } from "../store/store.ts";
export type { Answered, Forwarded } from "./federated/coordinator.ts";

export interface InvokeRequest {
  inputs?: (string | number)[];
  env?: Record<string, string>;
  /** Bytes for the module's stdin, in standard base64. */
  stdin?: string;
  /** 30,000 by default. */
  timeoutMs?: number;
}

/** For those who keep a record of what they create. */
export interface WrittenWith {
  /** Of the new object, a UUID; a fresh one by default. */
  id?: string;
  /** Written in the same group: with the object, or not at all. */
  also?: readonly Change[];
}

/** Codes: `TASK_NOT_FOUND`, `TASK_INVALID` (400), `TASK_ACTIVE` (409). */
export interface Tasks {
  /** Validates and stores a task; with `start` it is queued in the same write. Resolves once it is on disk. */
  create(input: TaskInput, options?: { start?: boolean; function?: string } & WrittenWith): Promise<Task>;
  get(id: string): Promise<Task>;
  list(query: Page & TaskFilter): Promise<Listed<Task>>;
  /** @throws `TASK_ACTIVE` where it is to move to another proplet while one holds it */
  update(id: string, input: TaskInput): Promise<Task>;
  /** An active task is stopped first. */
  delete(id: string): Promise<void>;
  /** Gives a task its module. @throws `MODULE_INVALID` */
  upload(id: string, module: Uint8Array): Promise<Task>;
  /** Queues a task; one that ended runs anew. @throws `TASK_ACTIVE` while it is Scheduled or Running */
  start(id: string): Promise<Task>;
  /** Asks for the end of a task: Interrupted once its proplet confirms or is gone. */
  stop(id: string): Promise<Task>;
  /** Runs a latent task once and returns its result. @throws `INVOCATION_FAILED`, `INVOCATION_TIMEOUT`, `TASK_INVALID` where it is not latent */
  invoke(id: string, request: InvokeRequest): Promise<string>;
  /** Newest first. */
  metrics(id: string, page: Page): Promise<Listed<TaskMetrics>>;
  /** Its attempts that ended, over all runs, oldest first. */
  attempts(id: string): Promise<AttemptRecord[]>;
  /** For each proplet, why it runs the task, could, or couldn't; and why a Pending one waits. */
  explain(id: string): Promise<Explanation>;
  /** Why a queued task is not placed yet. */
  waitsFor(id: string): string | undefined;
}

/** Why a task is where it is: what placement says of each proplet now. */
export interface Explanation {
  task: Task;
  policy: Policy;
  /** Why it isn't placed, where it is queued. */
  waits?: string;
  proplets: {
    id: string;
    name: string;
    /** It holds the task. */
    holds: boolean;
    /** It could take it now. */
    fits: boolean;
    /** Each thing that keeps the task off it; or what speaks for it, where it fits. */
    reasons: string[];
    /** Among those that fit, 1 is the one that the policy takes. */
    rank?: number;
  }[];
}

/** Codes: `PROPLET_NOT_FOUND`, `PROPLET_BUSY` (409). */
export interface Proplets {
  get(id: string): Promise<Proplet>;
  list(query: Page & { alive?: boolean }): Promise<Listed<Proplet>>;
  delete(id: string): Promise<void>;
  /** How many tasks it holds now. */
  taskCount(id: string): number;
  /** Says what a proplet is, one that was not heard yet too. */
  declare(id: string, declaration: Declaration): Promise<Proplet>;
  /** It gets nothing new. */
  cordon(id: string): Promise<Proplet>;
  /** Takes back a cordon or a drain. */
  uncordon(id: string): Promise<Proplet>;
  /**
   * Cordons it; what stays resident moves at once, what runs has `graceMs` to end, and what is left then is stopped there and
   * queued anew; what is pinned to it waits for it. Resolves once that is on disk: it is drained when it holds nothing and
   * `draining` is gone, which an event tells.
   */
  drain(id: string, options: { graceMs: number }): Promise<Proplet>;
  /** Newest first. */
  metrics(id: string, page: Page): Promise<Listed<PropletMetrics>>;
}

export interface Job extends JobRecord {
  tasks: Task[];
  state: TaskState;
  /** Of its first start and its last end, RFC 3339. */
  start_time?: string;
  finish_time?: string;
}

/** A job without its tasks. */
export interface JobSummary extends JobRecord {
  state: TaskState;
  tally: Tally;
  start_time?: string;
  finish_time?: string;
}

export type JobStatus = "pending" | "running" | "completed" | "failed" | "interrupted";

/** A task of a job or a workflow. `depends_on` names others by their id, or, where the client gave none, by their name. */
export interface GroupedTaskInput extends TaskInput {
  id?: string;
}

/** Codes: `JOB_NOT_FOUND`, `JOB_INVALID`, `JOB_ACTIVE`, and those of `Tasks.create`. */
export interface Jobs {
  /** All of it is stored, or nothing. */
  create(
    input: { name?: string; tasks: GroupedTaskInput[]; execution_mode?: ExecutionMode },
    options?: WrittenWith,
  ): Promise<Job>;
  get(id: string): Promise<Job>;
  /** Newest first. */
  list(query: Page & { status?: JobStatus }): Promise<Listed<Job>>;
  /** As `list`, but no task is read. */
  summaries(query: Page & { status?: JobStatus }): Promise<Listed<JobSummary>>;
  /** A job with some of its tasks, in the order they were given. */
  summary(id: string, page: Page): Promise<JobSummary & { tasks: Task[] }>;
  /** Starts its tasks as its mode says; one that ended runs anew. */
  start(id: string): Promise<void>;
  /** Those that run are stopped, those that wait are Interrupted. */
  stop(id: string): Promise<void>;
  delete(id: string): Promise<void>;
}

export interface Workflow extends WorkflowRecord {
  tasks: Task[];
  state: TaskState;
}

/** Codes: `WORKFLOW_NOT_FOUND`, `WORKFLOW_ACTIVE`, `WORKFLOW_INVALID` for a cycle or an unknown dependency, and those of `Tasks.create`. */
export interface Workflows {
  create(input: { name?: string; tasks: GroupedTaskInput[] }, options?: WrittenWith): Promise<Workflow>;
  get(id: string): Promise<Workflow>;
  /** Newest first. */
  list(page: Page): Promise<Listed<Workflow>>;
  /** Starts the tasks that depend on nothing; the others follow. */
  start(id: string): Promise<void>;
  stop(id: string): Promise<void>;
  delete(id: string): Promise<void>;
}

/** Codes: `TOKEN_NOT_FOUND`, `TOKEN_INVALID`. */
export interface Tokens {
  /** `token` is told here and never again. */
  create(input: {
    name: string;
    scope: Scope;
    expiresInMs?: number;
  }): Promise<{ record: TokenRecord; token: string }>;
  list(): Promise<TokenRecord[]>;
  revoke(id: string): Promise<void>;
  /** Whose token it is; undefined where it is nobody's, or no longer. */
  check(token: string): TokenRecord | undefined;
  /** Calls `onEnd` once, when the token is revoked or expires. Returns what stops it. */
  watch(id: string, onEnd: () => void): () => void;
}

/** What applying a manifest did, or would do. */
export interface Applied {
  outcome: "created" | "configured" | "unchanged";
  /** Absent where a dry run found none. */
  object_id?: string;
  /** Field by field, where it is configured. */
  changes: FieldChange[];
  /** What the user should know though nothing is wrong. */
  warnings: string[];
}

/** Codes: `MANIFEST_INVALID`, and those of what a manifest makes. */
export interface Manifests {
  /**
   * Makes what a manifest describes; what it made before it replaces where the spec has changed. A dry run tells what would
   * change, and changes nothing.
   */
  apply(manifest: Manifest, options?: { dryRun?: boolean }): Promise<Applied>;
  /** What a manifest made, by its name; what none made, by its id. */
  get(key: ManifestKey): Promise<Resource>;
  list(kind: Kind, page: Page): Promise<Listed<Resource>>;
  /** Deletes the object; what runs is stopped first. */
  delete(key: ManifestKey, options?: { dryRun?: boolean }): Promise<void>;
}

/** Federated learning. Codes: those of `Coordinator.forward`, `EXPERIMENT_INVALID`. */
export interface Federated {
  /** @throws `COORDINATOR_MISSING` */
  checkCoordinator(): void;
  /** Asks the coordinator, as it was asked. */
  forward(request: Forwarded): Promise<Answered>;
  /** Gives an experiment to the coordinator and starts its first round. `body` is JSON. */
  configure(body: Uint8Array): Promise<Answered>;
}

/** Codes: `FUNCTION_NOT_FOUND`, `FUNCTION_NOT_RUNNING`, `DEPLOY_FAILED`. */
export interface Functions {
  /** Starts a new revision, waits until it is ready, turns the name to it, then stops the one before. */
  deploy(name: string, input: TaskInput): Promise<FunctionRecord>;
  get(name: string): Promise<FunctionRecord>;
  list(): Promise<FunctionRecord[]>;
  delete(name: string): Promise<void>;
  invoke(name: string, request: InvokeRequest): Promise<string>;
}

export interface Events {
  /**
   * Calls `listener` for each event after `afterId`, first the kept ones, then those to come; from now on where it is
   * not given. Returns what ends it, and `missed` where events after `afterId` are no longer kept.
   */
  follow(
    afterId: string | undefined,
    listener: (event: RecordedEvent) => void,
  ): { missed: boolean; stop: () => void };
}

export interface Manager {
  readonly instanceId: string;
  readonly tasks: Tasks;
  readonly proplets: Proplets;
  readonly functions: Functions;
  readonly jobs: Jobs;
  readonly workflows: Workflows;
  readonly tokens: Tokens;
  readonly manifests: Manifests;
  readonly federated: Federated;
  readonly events: Events;
  /** What it measures of itself, in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** Whether it hears the broker now. */
  readonly connected: boolean;
  /** Why nothing can be written to its store now, and so nothing new be taken; undefined where it can. */
  storeFailure(): PropError | undefined;
  /** Stops taking and placing work, and resolves when all it acknowledged is on disk. Tasks go on where they run. */
  close(): Promise<void>;
}
