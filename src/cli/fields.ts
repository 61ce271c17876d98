/** One thing as lines of names and values. */
import { printable } from "../telemetry/printable.ts";

const unset = "0001-01-01T00:00:00Z";

/** Lines of `name  value`, aligned, without what isn't set; what is no string is shown as JSON. */
export function renderFields(fields: Record<string, unknown>): string {
  const shown = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== null && value !== "" && value !== unset,
  );
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${textOf(value)}`).join("\n");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? printable(value) : JSON.stringify(value);
}
