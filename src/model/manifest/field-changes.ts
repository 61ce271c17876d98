/** What is different between two specs, field by field. */
import { isObject, type Path } from "./check-schema.ts";
import { pathText } from "./path-text.ts";

export interface FieldChange {
  /** `spec.env.GREETING`. */
  path: string;
  /** Absent where the field is new. */
  before?: unknown;
  /** Absent where the field goes. */
  after?: unknown;
}

/** Lists count as one field: an item more is a change of the list. */
export function fieldChanges(before: unknown, after: unknown, path: Path = []): FieldChange[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => fieldChanges(own(before, name), own(after, name), [...path, name]));
  }
  if (same(before, after)) return [];
  return [
    {
      path: pathText(path),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}

function own(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  return isObject(a) && isObject(b) && fieldChanges(a, b).length === 0;
}
