/** The control plane as `api`, `kube` and `gateway` see it. Every function throws PropError where a client can act. */
import type { RecordedEvent } from "../model/event.ts";
import type { FunctionRecord } from "../model/function.ts";
import type { Proplet } from "../model/proplet.ts";
import type { Task, TaskInput } from "../model/task.ts";
import type { PropletMetrics, TaskMetrics } from "../protocol/messages/metrics.ts";
import type { Listed, Page } from "../store/store.ts";

export type { Listed, Page } from "../store/store.ts";

export interface InvokeRequest {
  inputs?: (string | number)[];
  env?: Record<string, string>;
  /** Bytes for the module's stdin, in standard base64. */
  stdin?: string;
  /** 30,000 by default. */
  timeoutMs?: number;
}

/** Codes: `TASK_NOT_FOUND`, `TASK_INVALID` (400), `TASK_ACTIVE` (409). */
export interface Tasks {
  /** Validates and stores a task; with `start` it is queued in the same write. Resolves once it is on disk. */
  create(input: TaskInput, options?: { start?: boolean; function?: string }): Promise<Task>;
  get(id: string): Promise<Task>;
  list(query: Page & { metadata?: Record<string, unknown> }): Promise<Listed<Task>>;
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
}

/** Codes: `PROPLET_NOT_FOUND`, `PROPLET_BUSY` (409). */
export interface Proplets {
  get(id: string): Promise<Proplet>;
  list(query: Page & { alive?: boolean }): Promise<Listed<Proplet>>;
  delete(id: string): Promise<void>;
  /** How many tasks it holds now. */
  taskCount(id: string): number;
  /** Newest first. */
  metrics(id: string, page: Page): Promise<Listed<PropletMetrics>>;
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
  readonly events: Events;
  /** Whether it hears the broker now. */
  readonly connected: boolean;
  /** Stops taking and placing work, and resolves when all it acknowledged is on disk. Tasks go on where they run. */
  close(): Promise<void>;
}
