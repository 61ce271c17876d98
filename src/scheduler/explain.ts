/** What placement says of each proplet. Pure. */
import type { Candidate } from "./candidate.ts";
import type { Demand } from "./demand.ts";
import { reasonsAgainst } from "./filters/index.ts";
import { compareBy } from "./policies/index.ts";

export interface Verdict {
  candidate: Candidate;
  /** It could take the task now. */
  fits: boolean;
  /** Each thing that keeps the task off it; or what speaks for it, where it fits. */
  reasons: string[];
  /** Among those that fit, 1 is the one that the policy takes. */
  rank?: number;
}

/** One verdict a candidate: those that fit first, the best of them first, then the others as they came. */
export function explain(demand: Demand, candidates: readonly Candidate[]): Verdict[] {
  const judged = candidates.map((candidate) => ({ candidate, against: reasonsAgainst(demand, candidate) }));
  const fitting = judged
    .filter(({ against }) => against.length === 0)
    .sort((a, b) => compareBy(demand, a.candidate, b.candidate))
    .map(({ candidate }, index) => ({
      candidate,
      fits: true,
      reasons: reasonsFor(candidate),
      rank: index + 1,
    }));
  const others = judged
    .filter(({ against }) => against.length > 0)
    .map(({ candidate, against }) => ({ candidate, fits: false, reasons: against }));
  return [...fitting, ...others];
}

function reasonsFor({ cached, held, slots }: Candidate): string[] {
  return [...(cached ? ["has the module"] : []), roomText(held.slots, slots)];
}

/** More are sent than run at a time, so that the proplet never idles. */
function roomText(held: number, slots: number): string {
  if (held <= slots) return `${held} of ${slots} slots taken`;
  return `${slots} of ${slots} slots taken, ${held - slots} more waiting there`;
}
