/** All filters, in the order in which they are asked and reasons are told. */
import type { Candidate } from "../candidate.ts";
import type { Demand } from "../demand.ts";
import { alive } from "./alive.ts";
import { capabilities } from "./capabilities.ts";
import { cordoned } from "./cordoned.ts";
import { cpu } from "./cpu.ts";
import { deviceType } from "./device-type.ts";
import type { Filter, RoomFilter } from "./filter.ts";
import { memory } from "./memory.ts";
import { pinned } from "./pinned.ts";
import { propletType } from "./proplet-type.ts";
import { runtime } from "./runtime.ts";
import { slots } from "./slots.ts";
import { tags } from "./tags.ts";

/** Of what a proplet is, then of how it is: the same whatever it holds. */
export const kindFilters: readonly Filter[] = [
  pinned,
  propletType,
  deviceType,
  runtime,
  tags,
  capabilities,
  alive,
  cordoned,
];

/** Of what is left there. Together they say the same as `covers`. */
export const roomFilters: readonly RoomFilter[] = [memory, cpu, slots];

/** Whether the proplet is one that may take such a task, when it has room. */
export function suits(demand: Demand, candidate: Candidate): boolean {
  return kindFilters.every((filter) => filter.reason(demand, candidate) === undefined);
}

/** Each thing that keeps the task off the proplet. */
export function reasonsAgainst(demand: Demand, candidate: Candidate): string[] {
  return [...kindFilters, ...roomFilters].flatMap((filter) => filter.reason(demand, candidate) ?? []);
}
