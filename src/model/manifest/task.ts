/** `kind: Task`: one run of a module. */
import Type, { type Static } from "typebox";
import { anything, choice, closed, flag, kindOf, text } from "./fields.ts";
import { taskFields } from "./run-fields.ts";

export const TaskSpec = closed(
  {
    name: text("Name of the task, and of the exported function it calls; metadata.name by default."),
    ...taskFields,
    latent: flag("It is compiled and stays ready: it runs at each invocation."),
    broadcast: flag("It runs on every proplet that is alive when it starts."),
    schedule: Type.Optional(
      closed(
        {
          cron: Type.String({ description: "Minute, hour, day, month, day of the week." }),
          timezone: text("IANA zone of the schedule; UTC by default."),
          recurring: flag("false runs it once, at the first time that fits; true by default."),
          catchUp: choice(["skip", "once"], "What becomes of times that passed while the manager was down."),
        },
        "When it starts; at once where it is not given.",
      ),
    ),
    metadata: anything("Any JSON of yours, up to 1 MB: tasks are found by it."),
  },
  "What it runs, where and when.",
);
export type TaskSpec = Static<typeof TaskSpec>;

export const TaskManifest = kindOf("Task", TaskSpec, "One run of a WebAssembly module.");
export type TaskManifest = Static<typeof TaskManifest>;
