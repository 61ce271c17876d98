/** The proplet that was given nothing for longest. */
import { inTurn, type PlacementPolicy } from "./policy.ts";

export const roundRobin: PlacementPolicy = { compare: inTurn };
