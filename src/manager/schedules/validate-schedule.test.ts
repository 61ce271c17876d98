import { describe, expect, it } from "vitest";
import { idleTask } from "../../model/testing/task.ts";
import { armed, nextRun } from "./validate-schedule.ts";

const now = new Date("2026-03-28T12:00:00Z");
const input = (fields: object) => armed(idleTask(fields), fields, now);

/** The next few times, one after another. */
function runs(schedule: string, timezone: string, after: string, count = 3): string[] {
  const found: string[] = [];
  for (let at = new Date(after); found.length < count; ) {
    const next = nextRun(schedule, timezone, at);
    if (next === undefined) break;
    found.push(next.slice(0, 16));
    at = new Date(next);
  }
  return found;
}

describe("a schedule", () => {
  it("falls due by the clock of its zone, in UTC where it names none", () => {
    expect(nextRun("0 9 * * *", undefined, now)).toBe("2026-03-29T09:00:00.000Z");
    expect(nextRun("0 9 * * *", "Europe/Madrid", now)).toBe("2026-03-29T07:00:00.000Z");
    expect(nextRun("0 9 * * MON-FRI", "America/New_York", now)).toBe("2026-03-30T13:00:00.000Z");
    expect(nextRun("5/15 * * * *", undefined, now)).toBe("2026-03-28T12:05:00.000Z");
  });

  it("is later than the moment it is asked about, so that no run comes twice", () => {
    expect(nextRun("0 12 * * *", "UTC", now)).toBe("2026-03-29T12:00:00.000Z");
    expect(nextRun("0 12 * * *", "UTC", new Date(now.getTime() - 1))).toBe(now.toISOString());
  });

  it("with fixed hours runs after the gap where clocks go forward, once where they go back", () => {
    expect(runs("30 2 * * *", "Europe/Madrid", "2026-03-28T12:00:00Z")).toEqual([
      "2026-03-29T01:00",
      "2026-03-30T00:30",
      "2026-03-31T00:30",
    ]);
    expect(runs("30 2,14 * * *", "Europe/Madrid", "2026-10-24T20:00:00Z")).toEqual([
      "2026-10-25T00:30",
      "2026-10-25T13:30",
      "2026-10-26T01:30",
    ]);
  });

  it("with steps leaves the gap out where clocks go forward, and runs in both hours where they go back", () => {
    expect(runs("*/30 * * * *", "Europe/Madrid", "2026-03-29T00:10:00Z")).toEqual([
      "2026-03-29T00:30",
      "2026-03-29T01:00",
      "2026-03-29T01:30",
    ]);
    expect(runs("*/30 * * * *", "Europe/Madrid", "2026-10-25T00:10:00Z", 4)).toEqual([
      "2026-10-25T00:30",
      "2026-10-25T01:00",
      "2026-10-25T01:30",
      "2026-10-25T02:00",
    ]);
  });

  it.each([
    ["61 * * * *", "Invalid value for minute: 61"],
    ["0 0 9 * * *", "has 6 fields, not five"],
    ["@daily", "has 1 fields, not five"],
    ["2026-12-01T00:00:00", "has 1 fields, not five"],
    ["a b c d e", "a b c d e"],
  ])("%j is refused in the contract's words, with its own in the hint", (schedule, hint) => {
    expect(() => input({ schedule })).toThrow(
      expect.objectContaining({
        code: "TASK_INVALID",
        message: "invalid cron expression: invalid cron expression",
        hint: expect.stringContaining(hint),
      }),
    );
  });

  it("is refused with a zone that doesn't exist, or a day that never comes", () => {
    const schedule = "0 9 * * *";
    expect(() => input({ schedule, timezone: "Mars/Base" })).toThrow('timezone "Mars/Base"');
    expect(() => input({ timezone: "Mars/Base" })).toThrow('timezone "Mars/Base"');
    expect(() => input({ schedule: "0 0 31 2 *" })).toThrow("names a day that never comes");
  });

  it("arms a task, and is gone when a change of the task doesn't say it again", () => {
    const task = input({ schedule: "0 9 * * *", is_recurring: true });
    expect(task.next_run).toBe("2026-03-29T09:00:00.000Z");
    const zone = { schedule: "0 9 * * *", timezone: "Europe/Madrid" };
    expect(armed({ ...task, ...zone }, zone, now).next_run).toBe("2026-03-29T07:00:00.000Z");
    for (const change of [{ schedule: "" }, { name: "other" }]) {
      const disarmed = armed({ ...task, ...change }, change, now);
      expect([disarmed.schedule, disarmed.next_run]).toEqual([undefined, undefined]);
    }
  });
});
