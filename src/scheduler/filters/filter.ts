/** A filter keeps a task off the proplets that can't run it, and says why. */
import type { Candidate } from "../candidate.ts";
import type { Demand } from "../demand.ts";

export interface Filter {
  /** What keeps the task off, said of the proplet (`is not alive`); undefined where nothing does. */
  reason(demand: Demand, candidate: Candidate): string | undefined;
  /**
   * The same in one sentence, where none of those that the filters before it left gets past it.
   * @param left what they left, at least one but for `pinned`
   * @param all how many proplets there are
   */
  none(demand: Demand, left: readonly Candidate[], all: number): string;
}

/** A filter of what is left on a proplet, which changes with each task. */
export interface RoomFilter extends Filter {
  /** What a proplet is that it keeps the task off. */
  short: string;
}

/** `a, b and c` */
export function listed(words: readonly string[], last = "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** Who it is that doesn't suit: all, or those that would do otherwise. */
export function nobody(left: readonly Candidate[], all: number): string {
  return left.length === all ? "no proplet" : "no proplet that would do otherwise";
}

export function lacking(
  one: string,
  many: string,
  wanted: readonly string[],
  has: ReadonlySet<string>,
): string | undefined {
  const missing = wanted.filter((word) => !has.has(word));
  if (missing.length === 0) return undefined;
  return `lacks the ${missing.length === 1 ? one : many} ${listed(missing)}`;
}

/** Names the words that nobody has, where there are some: else it is that nobody has all of them. */
export function nobodyHas(
  who: string,
  [one, many]: [string, string],
  wanted: readonly string[],
  had: readonly ReadonlySet<string>[],
): string {
  const unheard = wanted.filter((word) => !had.some((words) => words.has(word)));
  const named = unheard.length === 0 ? wanted : unheard;
  return `${who} has the ${named.length === 1 ? one : many} ${listed(named)}`;
}

/** `the most that is free is 2Gi on p1` */
export function mostFree(
  candidates: readonly Candidate[],
  what: "memoryBytes" | "cpuMillis",
  text: (amount: number) => string,
): string {
  const [first, ...rest] = candidates;
  if (first === undefined) return "no proplet that would do otherwise says how much it has";
  const most = rest.reduce((best, other) => (other.free[what] > best.free[what] ? other : best), first);
  return `the most that is free is ${text(most.free[what])} on ${most.id}`;
}
