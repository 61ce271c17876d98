/** `kind: Workflow`: tasks that start when those they depend on have ended. */
import type { Static } from "typebox";
import { closed, kindOf, list, text } from "./fields.ts";
import { GroupedTaskSpec } from "./grouped-task.ts";

export const WorkflowSpec = closed(
  {
    name: text("Name of the workflow; metadata.name by default."),
    tasks: list(GroupedTaskSpec, "Its tasks, in any order."),
  },
  "Its tasks, and what each depends on.",
);
export type WorkflowSpec = Static<typeof WorkflowSpec>;

export const WorkflowManifest = kindOf("Workflow", WorkflowSpec, "Tasks that follow each other.");
export type WorkflowManifest = Static<typeof WorkflowManifest>;
