/** Durations as Kubernetes and Go write them. */

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** A timer that is set for longer fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds in `500ms`, `10s`, `1m30s`; undefined where the text is no duration, or none that a timer can wait for. */
export function durationMs(text: string): number | undefined {
  if (!/^(\d{1,10}(\.\d{1,6})?(ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit = ""] of text.matchAll(/([\d.]+)(ms|s|m|h)/g))
    total += Number(number) * (unitsMs[unit] ?? 0);
  const rounded = Math.round(total);
  return rounded >= 1 && rounded <= LONGEST_MS ? rounded : undefined;
}

/** The shortest way to write it. */
export function durationText(milliseconds: number): string {
  const [unit = "ms"] = ["h", "m", "s"].filter((name) => milliseconds % (unitsMs[name] ?? 1) === 0);
  return `${milliseconds / (unitsMs[unit] ?? 1)}${unit}`;
}
