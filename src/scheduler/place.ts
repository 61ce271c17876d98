/** Which proplet runs a task: filters leave those that can, the score picks one of them. Pure. */
import type { Proplet } from "../model/proplet.ts";
import type { Task } from "../model/task.ts";

export interface Candidate {
  proplet: Proplet;
  /** Tasks it holds that take a slot. */
  load: number;
}

export type Placement = { proplet: Proplet } | { waits: string };

/** Starts that may wait at a proplet for each of its slots, so that it never idles for a round trip. */
const AHEAD_PER_SLOT = 8;
/** A legacy proplet doesn't say how much it takes on. */
const LEGACY_SLOTS = 32;

/**
 * Chooses the least loaded of the proplets that can take `task`, or says what it waits for.
 * Among equals the first in the list wins: whoever calls turns the list to spread tasks evenly.
 */
export function place(task: Task, candidates: Iterable<Candidate>): Placement {
  let best: Candidate | undefined;
  let alive = 0;
  for (const candidate of candidates) {
    if (task.pinned && candidate.proplet.id !== task.proplet_id) continue;
    if (!candidate.proplet.alive) continue;
    alive += 1;
    if (!task.latent && candidate.load >= room(candidate.proplet)) continue;
    if (best === undefined || relativeLoad(candidate) < relativeLoad(best)) best = candidate;
  }
  if (best !== undefined) return { proplet: best.proplet };
  return { waits: reasonToWait(task, alive) };
}

function room({ capacity }: Proplet): number {
  return (capacity?.slots ?? LEGACY_SLOTS) * AHEAD_PER_SLOT;
}

function relativeLoad({ proplet, load }: Candidate): number {
  return load / (proplet.capacity?.slots ?? LEGACY_SLOTS);
}

function reasonToWait(task: Task, alive: number): string {
  if (task.pinned && alive === 0) return `proplet ${task.proplet_id} is not alive`;
  if (alive === 0) return "no proplet is alive";
  return task.pinned ? `proplet ${task.proplet_id} is full` : `all ${alive} live proplets are full`;
}
