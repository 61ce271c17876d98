/** The containment filter of `GET /tasks?metadata=`: every field asked for is there, with the same value. */
import { isDeepStrictEqual } from "node:util";

export function contains(value: unknown, wanted: unknown): boolean {
  if (!isRecord(wanted)) return isDeepStrictEqual(value, wanted);
  if (!isRecord(value)) return false;
  return Object.entries(wanted).every(
    ([key, part]) => Object.hasOwn(value, key) && contains(value[key], part),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
