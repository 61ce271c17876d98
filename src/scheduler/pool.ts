/** The proplets that suit one kind of demand, kept in the order of its policy: the first with room is found in O(log n). */
import type { Candidate } from "./candidate.ts";
import type { Amounts, Demand } from "./demand.ts";
import { suits } from "./filters/index.ts";
import { createOrderedSet } from "./ordered-set.ts";
import { orderOf } from "./policies/index.ts";

export interface Pool {
  first(needs: Amounts): Candidate | undefined;
  /** A proplet came, changed or left. */
  replace(before: Candidate | undefined, after: Candidate | undefined): void;
}

export function createPool(demand: Demand, candidates: Iterable<Candidate>): Pool {
  const members = createOrderedSet<Candidate>(orderOf(demand), ({ free }) => free);
  for (const candidate of candidates) if (suits(demand, candidate)) members.add(candidate);
  return {
    first: (needs) => members.firstCovering(needs),
    replace(before, after) {
      if (before !== undefined && suits(demand, before)) members.delete(before);
      if (after !== undefined && suits(demand, after)) members.add(after);
    },
  };
}
