/** Times as people read them. */

const steps: [seconds: number, unit: string][] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "m"],
];
const never = "0001-01-01T00:00:00Z";

/**
 * How long until a time: `in 12s`, `in 3h`, `now`; "" where it isn't set.
 * @param time RFC 3339
 * @param nowMs milliseconds since 1970
 */
export function untilText(time: string | undefined, nowMs: number): string {
  if (time === undefined || time === never) return "";
  const left = ageText(new Date(2 * nowMs - Date.parse(time)).toISOString(), nowMs);
  return left === "now" ? left : `in ${left}`;
}

/**
 * How long ago a time was: `now`, `12s`, `3h`; "" where it isn't set.
 * @param time RFC 3339
 * @param nowMs milliseconds since 1970
 */
export function ageText(time: string | undefined, nowMs: number): string {
  if (time === undefined || time === never) return "";
  const seconds = Math.floor((nowMs - Date.parse(time)) / 1_000);
  if (seconds < 1) return "now";
  const [perUnit, unit] = steps.find(([size]) => seconds >= size) ?? [1, "s"];
  return `${Math.floor(seconds / perUnit)}${unit}`;
}
