/** A policy is an order: among the proplets that can take a task, the first in it does. */
import type { Candidate } from "../candidate.ts";

export interface PlacementPolicy {
  /** Below 0 where `a` goes before `b`; 0 only for one and the same proplet. */
  compare(a: Candidate, b: Candidate): number;
  /** Before all others go those that have the module already and a slot free now. */
  prefersCached?: true;
  /** Latent tasks, which take no slot, go first of all to those that hold the fewest of them. */
  spreadsResidents?: true;
}

/** Equals in turn, which spreads tasks evenly over them. */
export function inTurn(a: Candidate, b: Candidate): number {
  return a.lastTurn - b.lastTurn || a.seat - b.seat;
}
