/** Durations as existing deployments write them, the way Go does: `10s`, `1m30s`, `500ms`; a bare number is seconds. */
import { PropError } from "../errors.ts";

const millisecondsPer = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

const wholePattern = /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/;
const partPattern = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

/** How help shows such a value; what may be written there is explained once, under the flags. */
export const durationHelpValue = "<duration>";

/** A timer that is set for longer fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Reads a duration that an interval or a time limit is made of.
 * @param longestMs what a timer can be set for by default
 * @returns milliseconds, at least 1
 * @throws PropError `DURATION_INVALID`
 */
export function parseGoDuration(text: string, longestMs: number = longestTimerMs): number {
  const trimmed = text.trim();
  const whole = /^\d+(\.\d+)?$/.test(trimmed) ? `${trimmed}s` : trimmed;
  const ms = wholePattern.test(whole) ? Math.round(sum(whole)) : 0;
  if (ms >= 1 && ms <= longestMs) return ms;
  throw new PropError({
    code: "DURATION_INVALID",
    message: `"${text}" is not a duration from 1ms to ${Math.floor(longestMs / 3_600_000)}h`,
    hint: "write it like 500ms, 10s, 1m30s or 1h",
    exitCode: 2,
  });
}

function sum(text: string): number {
  let ms = 0;
  for (const [, number, unit = ""] of text.matchAll(partPattern)) {
    ms += Number(number) * (millisecondsPer.get(unit) ?? 0);
  }
  return ms;
}
