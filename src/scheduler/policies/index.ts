/** The policies by their names. */
import type { Policy } from "../../model/placement.ts";
import { type Candidate, loadOf } from "../candidate.ts";
import { binPack } from "./bin-pack.ts";
import { hybrid } from "./hybrid.ts";
import { leastLoaded } from "./least-loaded.ts";
import type { PlacementPolicy } from "./policy.ts";
import { roundRobin } from "./round-robin.ts";

export const policies: Readonly<Record<Policy, PlacementPolicy>> = {
  hybrid,
  "least-loaded": leastLoaded,
  "round-robin": roundRobin,
  "bin-pack": binPack,
};

/** It has the module and can start it at once. */
export function isWarm(candidate: Candidate): boolean {
  return candidate.cached === true && loadOf(candidate) < 1;
}

/** A policy's whole order. Below 0 where `a` goes before `b`. */
export function compareBy(name: Policy, a: Candidate, b: Candidate): number {
  const policy = policies[name];
  const warm = policy.prefersCached ? Number(isWarm(b)) - Number(isWarm(a)) : 0;
  return warm || policy.compare(a, b);
}
