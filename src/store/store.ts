/** What the manager remembers, behind a small async interface: load at start, commit in groups, a few queries. */
import type { FunctionRecord } from "../model/function.ts";
import type { Proplet } from "../model/proplet.ts";
import type { Task } from "../model/task.ts";
import type { PropletMetrics, TaskMetrics } from "../protocol/messages/metrics.ts";

/** How one attempt at a task went, for its history. */
export interface AttemptRecord {
  task_id: string;
  attempt: number;
  proplet_id: string;
  /** RFC 3339. */
  dispatched_at: string;
  ended_at?: string;
  outcome?: "completed" | "failed" | "interrupted" | "lost";
  reason?: string;
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
  | { kind: "propletMetrics"; metrics: PropletMetrics }
  | { kind: "taskMetrics"; metrics: TaskMetrics };

/** What a manager needs in memory: tasks that haven't ended, every proplet and function. */
export interface Snapshot {
  instanceId: string;
  tasks: Task[];
  proplets: Proplet[];
  functions: FunctionRecord[];
}

export interface Page {
  offset: number;
  limit: number;
}

export interface Listed<T> {
  total: number;
  items: T[];
}

export interface CommitOptions {
  /** It may wait a few milliseconds for others to be written with: nothing is lost where it never is. */
  lazy?: boolean;
}

export interface Store {
  load(): Promise<Snapshot>;
  /**
   * Resolves once the changes are on disk, together with all others that wait then.
   * @throws PropError `STORE_FAILED` where they could not be written (disk full): none of that group
   * is on disk then, and all of it is tried again with the next
   */
  commit(changes: readonly Change[], options?: CommitOptions): Promise<void>;
  task(id: string): Promise<Task | undefined>;
  /** In the order of creation. `metadata` is what a task's own must contain. */
  tasks(page: Page, metadata?: Record<string, unknown>): Promise<Listed<Task>>;
  /** Those that ended. */
  attempts(taskId: string): Promise<AttemptRecord[]>;
  module(digest: string): Promise<Uint8Array | undefined>;
  /** Newest first. */
  propletMetrics(propletId: string, page: Page): Promise<Listed<PropletMetrics>>;
  taskMetrics(taskId: string, page: Page): Promise<Listed<TaskMetrics>>;
  close(): Promise<void>;
}
