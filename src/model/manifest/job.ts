/** `kind: Job`: tasks that start together, one after another, or by their dependencies. */
import type { Static } from "typebox";
import { executionModes } from "../job.ts";
import { choice, closed, kindOf, list, text } from "./fields.ts";
import { GroupedTaskSpec } from "./grouped-task.ts";

export const JobSpec = closed(
  {
    name: text("Name of the job; metadata.name by default."),
    executionMode: choice(
      executionModes,
      "parallel (the default), sequential, or configurable: by dependsOn.",
    ),
    tasks: list(GroupedTaskSpec, "Its tasks, in the order of a sequential job."),
  },
  "Its tasks, and how they follow each other.",
);
export type JobSpec = Static<typeof JobSpec>;

export const JobManifest = kindOf("Job", JobSpec, "Tasks that are started together.");
export type JobManifest = Static<typeof JobManifest>;
