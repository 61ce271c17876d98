/** The flags that say how much of what ended a manager keeps. */
import { Flags } from "@oclif/core";
import { durationHelpValue, parseGoDuration } from "./go-duration.ts";

const CENTURY_MS = 36_525 * 86_400_000;

/** A time to keep things: `30d`, `720h`; `0` is for ever. @throws PropError `DURATION_INVALID` */
export function parseAge(text: string): number {
  if (/^0[a-z]*$/.test(text.trim())) return 0;
  const days = /^(\d+(?:\.\d+)?)d$/.exec(text.trim())?.[1];
  return parseGoDuration(days === undefined ? text : `${Number(days) * 24}h`, CENTURY_MS);
}

const group = { helpGroup: "RETENTION" };

export const retentionFlags = {
  "retain-for": Flags.custom<number>({ parse: async (text) => parseAge(text) })({
    description: "How long a task is kept after its end: 12h, 30d; 0 is for ever (default: 30d).",
    env: "MANAGER_RETAIN_FOR",
    helpValue: durationHelpValue,
    ...group,
  }),
  "retain-tasks": Flags.integer({
    description: "How many tasks that ended are kept; 0 is all (default: 100000).",
    env: "MANAGER_RETAIN_TASKS",
    min: 0,
    ...group,
  }),
};

export interface Retention {
  retainForMs?: number;
  retainTasks?: number;
}

export interface RetentionFlags {
  "retain-for"?: number | undefined;
  "retain-tasks"?: number | undefined;
}

export function retentionOf(flags: RetentionFlags): Retention {
  const { "retain-for": retainForMs, "retain-tasks": retainTasks } = flags;
  return {
    ...(retainForMs === undefined ? {} : { retainForMs }),
    ...(retainTasks === undefined ? {} : { retainTasks }),
  };
}
