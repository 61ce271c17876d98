/** The fullest proplet that has a slot free, so that others stay empty; where none has, the least loaded. */
import { type Candidate, loadOf } from "../candidate.ts";
import type { PlacementPolicy } from "./policy.ts";

export const binPack: PlacementPolicy = {
  compare: (a, b) => rank(a) - rank(b) || a.seat - b.seat,
};

/** From -1, all but full, over 0, empty, to those where tasks wait. */
function rank(candidate: Candidate): number {
  const load = loadOf(candidate);
  return load < 1 ? -load : load;
}
