/** What happened, in order: the state changes that `GET /events` streams. */
import type { TaskStateName } from "./task-state.ts";

export type ChangeEvent =
  | {
      type: "task";
      task_id: string;
      name: string;
      state: TaskStateName;
      attempt: number;
      proplet_id?: string;
      /** Left out where it is larger than 8 kB: ask for it. */
      results?: unknown;
      error?: string;
      /** Why it is in this state, where that needs saying: what a Pending task waits for, why an attempt was lost. */
      reason?: string;
    }
  | { type: "task_deleted"; task_id: string }
  /** The time of its schedule came, and it did not run. */
  | {
      type: "run_skipped";
      task_id: string;
      name: string;
      due_at: string;
      skipped_runs: number;
      reason: string;
    }
  /** What was older, or more, than is kept is gone: how many of each. */
  | { type: "pruned"; tasks: number; jobs: number; workflows: number }
  | { type: "proplet"; proplet_id: string; name: string; alive: boolean; reason?: string }
  | { type: "proplet_deleted"; proplet_id: string }
  | { type: "function"; name: string; revision: number; task_id: string; state: "ready" | "deleted" }
  | {
      type: "invocation";
      task_id: string;
      /** The function's name, where it was invoked by one. */
      function?: string;
      invocation_id: string;
      inputs: string[];
      proplet_id?: string;
      duration_ms: number;
      /** Left out where it is larger than 8 kB. */
      results?: string;
      error?: string;
    };

/** An event with its place in the stream: `id` is opaque, `at` is RFC 3339. */
export interface RecordedEvent {
  id: string;
  at: string;
  event: ChangeEvent;
}
