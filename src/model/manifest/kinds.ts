/** Every kind that a manifest may be. */
import { FunctionManifest } from "./function.ts";
import { JobManifest } from "./job.ts";
import { PropletManifest } from "./proplet.ts";
import { TaskManifest } from "./task.ts";
import { WorkflowManifest } from "./workflow.ts";

/** In the order in which they are listed. */
export const kindSchemas = {
  Proplet: PropletManifest,
  Task: TaskManifest,
  Job: JobManifest,
  Workflow: WorkflowManifest,
  Function: FunctionManifest,
};
export type Kind = keyof typeof kindSchemas;
export const kinds: readonly Kind[] = ["Proplet", "Task", "Job", "Workflow", "Function"];

export type Manifest = PropletManifest | TaskManifest | JobManifest | WorkflowManifest | FunctionManifest;

/** As paths and lists have it: `tasks`. */
export function pluralOf(kind: Kind): string {
  return `${kind.toLowerCase()}s`;
}

/** The kind that a word names: `Task`, `task`, `tasks`. */
export function kindNamed(word: string): Kind | undefined {
  const lower = word.toLowerCase();
  return kinds.find((kind) => lower === kind.toLowerCase() || lower === pluralOf(kind));
}
