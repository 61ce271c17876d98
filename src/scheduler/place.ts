/** Which proplet runs a task: filters leave those that can, the policy takes the first of them. Pure. */
import type { Candidate } from "./candidate.ts";
import { covers, type Demand } from "./demand.ts";
import { suits } from "./filters/index.ts";
import { compareBy } from "./policies/index.ts";

/** Chooses among `candidates`; undefined where none can take the task now, and `reasonToWait` says why. */
export function place(demand: Demand, candidates: Iterable<Candidate>): Candidate | undefined {
  let best: Candidate | undefined;
  for (const candidate of candidates) {
    if (!fits(demand, candidate)) continue;
    if (best === undefined || compareBy(demand, candidate, best) < 0) best = candidate;
  }
  return best;
}

/** Whether the proplet can take the task now. */
export function fits(demand: Demand, candidate: Candidate): boolean {
  return covers(candidate.free, demand.needs) && suits(demand, candidate);
}
