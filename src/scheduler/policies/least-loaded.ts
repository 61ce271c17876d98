/** The proplet with the fewest tasks for each of its slots. */
import { loadOf } from "../candidate.ts";
import { inTurn, type PlacementPolicy } from "./policy.ts";

export const leastLoaded: PlacementPolicy = {
  compare: (a, b) => loadOf(a) - loadOf(b) || inTurn(a, b),
  spreadsResidents: true,
};
