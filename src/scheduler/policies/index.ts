/** The policies by their names. */
import type { Policy } from "../../model/placement.ts";
import { type Candidate, loadOf } from "../candidate.ts";
import type { Demand } from "../demand.ts";
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

type Asked = Pick<Demand, "policy" | "latent">;

/** The whole order of a demand's policy. Below 0 where `a` goes before `b`. */
export function compareBy(asked: Asked, a: Candidate, b: Candidate): number {
  const policy = policies[asked.policy];
  const spread = asked.latent && policy.spreadsResidents ? residentsOf(a) - residentsOf(b) : 0;
  const warm = policy.prefersCached ? Number(isWarm(b)) - Number(isWarm(a)) : 0;
  return spread || warm || policy.compare(a, b);
}

/** The same among candidates of which nobody says what they have cached. */
export function orderOf(asked: Asked): (a: Candidate, b: Candidate) => number {
  return asked.latent ? (a, b) => compareBy(asked, a, b) : policies[asked.policy].compare;
}

/** Latent tasks for each slot. */
function residentsOf({ held, slots }: Candidate): number {
  return held.residents / slots;
}
