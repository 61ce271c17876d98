/** A proplet that has the module, while it has a slot free; else, and among those, the least loaded. */
import { leastLoaded } from "./least-loaded.ts";
import type { PlacementPolicy } from "./policy.ts";

export const hybrid: PlacementPolicy = { ...leastLoaded, prefersCached: true };
