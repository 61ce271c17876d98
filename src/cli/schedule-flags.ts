/** The flags that put a task on a schedule. */
import { Flags } from "@oclif/core";
import { PropError } from "../errors.ts";
import type { TaskInput } from "../model/task.ts";

export const scheduleFlags = {
  schedule: Flags.string({
    description: 'Run it by a cron expression of five fields: "*/5 * * * *".',
    helpGroup: "SCHEDULE",
  }),
  timezone: Flags.string({
    description: "Zone of the schedule, like Europe/Madrid (default: UTC).",
    dependsOn: ["schedule"],
    helpGroup: "SCHEDULE",
  }),
  once: Flags.boolean({
    description: "Only the first time that it is due.",
    dependsOn: ["schedule"],
    helpGroup: "SCHEDULE",
  }),
  "catch-up": Flags.option({ options: ["once", "skip"] as const })({
    description:
      "What becomes of runs that fell due while the manager was down (default: once, for all of them).",
    dependsOn: ["schedule"],
    helpGroup: "SCHEDULE",
  }),
};

export function scheduleOf(flags: {
  schedule?: string | undefined;
  timezone?: string | undefined;
  once: boolean;
  "catch-up"?: "once" | "skip" | undefined;
}): Pick<TaskInput, "schedule" | "timezone" | "is_recurring" | "catch_up"> {
  const { schedule, timezone, once, "catch-up": catch_up } = flags;
  if (schedule === undefined) return {};
  return {
    schedule,
    is_recurring: !once,
    ...(timezone === undefined ? {} : { timezone }),
    ...(catch_up === undefined ? {} : { catch_up }),
  };
}

/** What the manager says of a wrong expression: the contract's words, which don't name it. Its hint does, and more. */
const WRONG_EXPRESSION = "invalid cron expression: invalid cron expression";

/** The manager's refusal of `--schedule`, by that name; any other error as it is. */
export function namingSchedule(error: unknown): unknown {
  if (!(error instanceof PropError) || error.message !== WRONG_EXPRESSION) return error;
  const { code, hint = "is no cron expression." } = error;
  const [, reason = hint, advice] = /^(.+?)\. (Write .+)$/.exec(hint) ?? [];
  return new PropError({
    code,
    message: `--schedule: ${reason}`,
    ...(advice === undefined ? {} : { hint: advice }),
    exitCode: 2,
    cause: error,
  });
}
