/** Why no proplet takes a task: as precisely as one sentence can. Pure. */
import type { Candidate } from "./candidate.ts";
import type { Demand } from "./demand.ts";
import { listed } from "./filters/filter.ts";
import { kindFilters, roomFilters } from "./filters/index.ts";

/** What a task waits for; undefined where some proplet can take it. */
export function reasonToWait(demand: Demand, candidates: readonly Candidate[]): string | undefined {
  if (candidates.length === 0 && demand.pinnedTo === undefined) return "no proplet is alive";
  let left = candidates;
  for (const filter of kindFilters) {
    const past = left.filter((candidate) => filter.reason(demand, candidate) === undefined);
    if (past.length === 0) return filter.none(demand, left, candidates.length);
    left = past;
  }
  const off = roomFilters.map((filter) => ({
    filter,
    count: left.filter((candidate) => filter.reason(demand, candidate) !== undefined).length,
  }));
  const alone = off.find(({ count }) => count === left.length);
  if (alone !== undefined) return alone.filter.none(demand, left, candidates.length);
  const hasRoom = left.some((candidate) =>
    roomFilters.every((filter) => filter.reason(demand, candidate) === undefined),
  );
  if (hasRoom) return undefined;
  const shares = off.flatMap(({ filter, count }) =>
    count === 0 ? [] : [`${count} ${count === 1 ? "is" : "are"} ${filter.short}`],
  );
  return `of the ${left.length} live proplets that would do, ${listed(shares)}`;
}
