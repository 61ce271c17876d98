/** A proplet as placement sees it: what it announced and was declared to be, and what is left of it. Pure. */
import type { Proplet } from "../model/proplet.ts";
import type { Amounts, Holding } from "./demand.ts";

/** Never changed: what becomes of a proplet is another candidate. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly alive: boolean;
  /** Why it gets nothing new. */
  readonly closed?: "cordoned" | "draining" | "leaving";
  readonly type: "k8s" | "external";
  readonly deviceType?: string;
  readonly runtime: string;
  readonly tags: ReadonlySet<string>;
  readonly capabilities: ReadonlySet<string>;
  /** Tasks it runs at a time. */
  readonly slots: number;
  /** In all; absent where it doesn't say. */
  readonly cpuMillis?: number;
  readonly memoryBytes?: number;
  /** What the tasks there take. */
  readonly held: Holding;
  /** What a task may still take. */
  readonly free: Amounts;
  /** When it was last given a task, counted in placements; 0 for never. */
  readonly lastTurn: number;
  /** Its place among equals: no two have the same. */
  readonly seat: number;
  /** It has the module of the task at hand. */
  readonly cached?: boolean;
}

/** Starts that may wait at a proplet for each of its slots, so that it never idles for a round trip. */
const AHEAD_PER_SLOT = 8;
/** A legacy proplet doesn't say how much it takes on. */
const LEGACY_SLOTS = 32;

export interface Standing {
  held: Holding;
  lastTurn: number;
  seat: number;
}

export function candidateOf(proplet: Proplet, standing: Standing): Candidate {
  const { id, name, alive, metadata, capacity, declared } = proplet;
  const deviceType = declared?.device_type ?? capacity?.device_type;
  const memory = capacity?.memory_bytes ?? metadata.total_memory_bytes;
  const known = {
    id,
    name,
    alive,
    ...closed(proplet),
    type: capacity?.proplet_type ?? ("external" as const),
    ...(deviceType === undefined ? {} : { deviceType }),
    runtime: metadata.wasm_runtime ?? "",
    tags: new Set([...(metadata.tags ?? []), ...(declared?.tags ?? [])]),
    capabilities: new Set([...(capacity?.capabilities ?? []), ...(declared?.capabilities ?? [])]),
    slots: capacity?.slots ?? LEGACY_SLOTS,
    ...(capacity?.cpu_millis === undefined ? {} : { cpuMillis: capacity.cpu_millis }),
    ...(memory === undefined ? {} : { memoryBytes: memory }),
  };
  return { ...known, ...standing, free: freeOf(known, standing.held) };
}

function closed({ cordoned, draining, leaving }: Proplet): Pick<Candidate, "closed"> {
  if (leaving) return { closed: "leaving" };
  if (draining) return { closed: "draining" };
  return cordoned ? { closed: "cordoned" } : {};
}

/** The same proplet with other tasks. */
export function withStanding(candidate: Candidate, standing: Standing): Candidate {
  return { ...candidate, ...standing, free: freeOf(candidate, standing.held) };
}

/** What it doesn't say it has, nobody can ask for. */
function freeOf(has: Pick<Candidate, "slots" | "cpuMillis" | "memoryBytes">, held: Amounts): Amounts {
  return {
    slots: Math.max(0, has.slots * AHEAD_PER_SLOT - held.slots),
    cpuMillis: Math.max(0, (has.cpuMillis ?? 0) - held.cpuMillis),
    memoryBytes: Math.max(0, (has.memoryBytes ?? 0) - held.memoryBytes),
  };
}

/** Tasks for each slot: from 1 on they wait there. */
export function loadOf({ held, slots }: Candidate): number {
  return held.slots / slots;
}
