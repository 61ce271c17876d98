/** Durations and sizes as people write them (`10s`, `64MiB`), read; and durations as they are shown. */
import { PropError } from "../errors.ts";

const millisecondsPer = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const bytesPer = {
  B: 1,
  k: 1_000,
  kB: 1_000,
  M: 1_000_000,
  MB: 1_000_000,
  G: 1_000_000_000,
  GB: 1_000_000_000,
  Ki: 1024,
  KiB: 1024,
  Mi: 1024 ** 2,
  MiB: 1024 ** 2,
  Gi: 1024 ** 3,
  GiB: 1024 ** 3,
};

/** A timer that is set for longer fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Reads a duration: `500ms`, `10s`, `1.5m`, `1h`.
 * @returns milliseconds, more than 0
 * @throws PropError `QUANTITY_INVALID`
 */
export function parseDuration(text: string): number {
  const milliseconds = parseQuantity(text, millisecondsPer);
  if (milliseconds === undefined) {
    throw invalid(`"${text}" is not a duration`, "Write it like 500ms, 10s, 2m or 1h.");
  }
  if (milliseconds > longestTimerMs) {
    throw invalid(`"${text}" is longer than a timer runs`, "The longest is 596h, which is 24 days.");
  }
  return milliseconds;
}

/**
 * Reads a size: `65536` (bytes), `64MiB`, `64Mi`, `1.5GB`.
 * @returns bytes, more than 0
 * @throws PropError `QUANTITY_INVALID`
 */
export function parseSize(text: string): number {
  const bytes = parseQuantity(/^\d+$/.test(text) ? `${text}B` : text, bytesPer);
  if (bytes !== undefined) return bytes;
  throw invalid(`"${text}" is not a size`, "Write it like 64MiB, 1GiB or a number of bytes.");
}

/** Shows a duration: `12 ms`, `1.5 s`. */
export function formatDuration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}

function parseQuantity(text: string, units: Record<string, number>): number | undefined {
  const [, number, unit = ""] = /^(\d{1,15}(?:\.\d{1,9})?)([a-zA-Z]+)$/.exec(text) ?? [];
  const perUnit = new Map(Object.entries(units)).get(unit);
  if (number === undefined || perUnit === undefined) return undefined;
  const value = Math.round(Number(number) * perUnit);
  return value > 0 && Number.isSafeInteger(value) ? value : undefined;
}

function invalid(message: string, hint: string): PropError {
  return new PropError({ code: "QUANTITY_INVALID", message, hint, exitCode: 2 });
}
