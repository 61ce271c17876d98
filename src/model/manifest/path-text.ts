/** Where a field stands, as people write it: `spec.tasks[1].name`. */
import type { Path } from "./check-schema.ts";

export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
