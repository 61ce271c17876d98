/** How deep JSON from outside may nest: what nests deeper can be parsed, but not written again. */
export const MAX_LEVELS = 100;

/** Whether `value` holds objects or arrays within each other, more than `levels` of them. */
export function nestsDeeper(value: unknown, levels = MAX_LEVELS): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((part) => nestsDeeper(part, levels - 1));
}
