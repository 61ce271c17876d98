/** The record of what the legacy manager answered, and how an answer of ours is held against it. */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

export interface Recorded {
  step?: string;
  mqtt?: string;
  request?: string;
  status?: number;
  location?: string;
  body?: unknown;
  payload?: unknown;
}

export function readRecording(name: string): Recorded[] {
  const text = readFileSync(new URL(`../golden/${name}.jsonl`, import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ZERO_TIME = "0001-01-01T00:00:00Z";

/** `$1` stands for an id: the first time it is met it is learnt, from then on it must be the same. */
export type Ids = Map<string, string>;

/**
 * What `actual` has otherwise than `recorded`, as lines; none where it is the same. `<time>` stands for any time but the
 * zero time, `$n` for an id, `<base64 n>` for base64 of n characters.
 */
export function differences(recorded: unknown, actual: unknown, ids: Ids, at = "body"): string[] {
  if (typeof recorded === "string")
    return matches(recorded, actual, ids) ? [] : [`${at}: ${show(recorded)} → ${show(actual)}`];
  if (recorded === null || typeof recorded !== "object") {
    return isDeepStrictEqual(recorded, actual) ? [] : [`${at}: ${show(recorded)} → ${show(actual)}`];
  }
  if (actual === null || typeof actual !== "object" || Array.isArray(recorded) !== Array.isArray(actual)) {
    return [`${at}: ${show(recorded)} → ${show(actual)}`];
  }
  const theirs = recorded as Record<string, unknown>;
  const ours = actual as Record<string, unknown>;
  const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  return [...keys].flatMap((key) => differences(theirs[key], ours[key], ids, `${at}.${key}`));
}

function matches(recorded: string, actual: unknown, ids: Ids): boolean {
  if (recorded === "<time>") return typeof actual === "string" && TIME.test(actual) && actual !== ZERO_TIME;
  const base64 = /^<base64 (\d+)>$/.exec(recorded);
  if (base64 !== null) return typeof actual === "string" && actual.length === Number(base64[1]);
  if (/^\$\w+$/.test(recorded)) {
    if (typeof actual !== "string") return false;
    if (!ids.has(recorded)) ids.set(recorded, actual);
  }
  return fill(recorded, ids) === actual;
}

/** `text` with the ids that are known in the place of `$n`. */
export function fill(text: string, ids: Ids): string {
  return text.replace(/\$p?\d+/g, (name) => ids.get(name) ?? name);
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
