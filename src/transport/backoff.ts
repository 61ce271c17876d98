/** How long to wait before the next try to connect. */

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * Doubles from half a second to 15 seconds; the second half of each delay is random, so that a fleet whose broker
 * restarts doesn't come back all at once.
 *
 * @param failures how many tries failed so far
 * @param random from 0 to 1
 */
export function backoffMs(failures: number, random: number = Math.random()): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.round(full / 2 + (full / 2) * random);
}
