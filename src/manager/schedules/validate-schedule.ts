/** Five-field cron expressions in a time zone: which are refused, and when they fall due (wire-contract, section 2). */
import { Cron } from "croner";
import { messageOf, PropError } from "../../errors.ts";
import type { Task, TaskInput } from "../../model/task.ts";

/** What an expression is read with where a task names no zone. */
const UTC = "UTC";

/**
 * When a schedule falls due next. Where clocks go forward, an expression with fixed hours (`30 2 * * *`) falls due at the
 * first minute after the gap, one with a wildcard or a step leaves the gap out; where they go back, the former
 * falls due once and the latter in both hours.
 * @returns RFC 3339, later than `after`; undefined where it never does
 * @throws PropError `TASK_INVALID`
 */
export function nextRun(schedule: string, timezone: string | undefined, after: Date): string | undefined {
  return read(schedule, timezone || UTC)
    .nextRun(after)
    ?.toISOString();
}

/**
 * `task`, which a client has just described by `input`, armed by its schedule, or disarmed where `input` has none: as
 * of the legacy manager, whatever else a `PUT` changes.
 * @throws PropError `TASK_INVALID`
 */
export function armed(task: Task, input: TaskInput, now: Date): Task {
  if (input.timezone) checkZone(input.timezone);
  const { next_run: _, ...unarmed } = task;
  if (!input.schedule) return withoutSchedule(unarmed);
  const next_run = nextRun(input.schedule, task.timezone, now);
  if (next_run === undefined) throw invalid(`schedule "${input.schedule}" names a day that never comes`);
  return { ...unarmed, next_run };
}

function withoutSchedule({ schedule: _, ...task }: Task): Task {
  return task;
}

function read(schedule: string, timezone: string): Cron {
  const fields = schedule.trim().split(/\s+/);
  const wrong = fields.length === 5 ? undefined : `has ${fields.length} fields, not five`;
  if (wrong !== undefined) throw invalidSchedule(schedule, wrong);
  checkZone(timezone);
  try {
    // As the legacy manager reads it: `5/15` is every 15 minutes from the fifth on.
    const reading = { mode: "5-part", sloppyRanges: true, fixedTimeRule: "no-wildcard" } as const;
    return new Cron(schedule.trim(), { ...reading, timezone });
  } catch (error) {
    throw invalidSchedule(schedule, messageOf(error).replace(/^CronPattern: /, ""));
  }
}

function checkZone(timezone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch {
    throw invalid(`timezone "${timezone}" is not in the IANA database`, "Write it like Europe/Madrid.");
  }
}

/** The contract has these very words; ours stand in the hint. */
function invalidSchedule(schedule: string, reason: string): PropError {
  return invalid(
    "invalid cron expression: invalid cron expression",
    `"${schedule}": ${reason}. Write minute, hour, day, month and weekday, like "30 9 * * MON-FRI".`,
  );
}

function invalid(message: string, hint?: string): PropError {
  return new PropError({ code: "TASK_INVALID", message, ...(hint === undefined ? {} : { hint }) });
}
