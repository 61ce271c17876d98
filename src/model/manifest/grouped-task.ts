/** A task of a job or a workflow. */
import Type, { type Static } from "typebox";
import { anything, choice, closed, texts } from "./fields.ts";
import { taskFields } from "./run-fields.ts";

export const GroupedTaskSpec = closed(
  {
    name: Type.String({
      minLength: 1,
      description: "Name of the task, which no other of them has, and of the exported function it calls.",
    }),
    ...taskFields,
    dependsOn: texts("Names of the tasks that end before it starts."),
    runIf: choice(["success", "failure"], "How those ended: all well (the default), or at least one failed."),
    metadata: anything("Any JSON of yours, up to 1 MB: tasks are found by it."),
  },
  "One of the tasks.",
);
export type GroupedTaskSpec = Static<typeof GroupedTaskSpec>;
