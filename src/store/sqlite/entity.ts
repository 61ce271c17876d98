/** What each entity's file gives the store: how its changes are written, and a key that lets a later one replace an earlier. */
import { keyText } from "../../model/manifest/record.ts";
import type { Change } from "../store.ts";

export type ChangeOf<K extends Change["kind"]> = Extract<Change, { kind: K }>;

export type Writers = { [K in Change["kind"]]: (change: ChangeOf<K>) => void };

/** Changes of one group with the same key: only the last one needs writing. Undefined: a sample, each counts. */
export function keyOf(change: Change): string | undefined {
  switch (change.kind) {
    case "task":
      return `task ${change.task.id}`;
    case "taskDeleted":
      return `task ${change.id}`;
    case "attempt":
      return `attempt ${change.attempt.task_id} ${change.attempt.attempt}`;
    case "module":
      return `module ${change.digest}`;
    case "proplet":
      return `proplet ${change.proplet.id}`;
    case "propletDeleted":
      return `proplet ${change.id}`;
    case "function":
      return `function ${change.record.name}`;
    case "functionDeleted":
      return `function ${change.name}`;
    case "job":
      return `job ${change.job.id}`;
    case "jobDeleted":
      return `job ${change.id}`;
    case "workflow":
      return `workflow ${change.workflow.id}`;
    case "workflowDeleted":
      return `workflow ${change.id}`;
    case "token":
      return `token ${change.token.id}`;
    case "tokenDeleted":
      return `token ${change.id}`;
    case "manifest":
      return `manifest ${keyText(change.manifest)}`;
    case "manifestDeleted":
      return `manifest ${keyText(change.key)}`;
    case "moduleReleased":
      return `module released ${change.digest}`;
    case "propletMetrics":
    case "taskMetrics":
      return undefined;
  }
}
