/** Why a task is where it is, from what placement sees now. */
import type { Policy } from "../../model/placement.ts";
import type { Task } from "../../model/task.ts";
import { isActive } from "../../model/task-state.ts";
import { type Candidate, withStanding } from "../../scheduler/candidate.ts";
import { demandOf, type Holding, needsOf } from "../../scheduler/demand.ts";
import { explain } from "../../scheduler/explain.ts";
import type { Fleet } from "../../scheduler/fleet.ts";
import { reasonToWait } from "../../scheduler/reason-to-wait.ts";
import type { Explanation } from "../manager.ts";

export interface Seen {
  /** Of tasks that ask for none. */
  policy: Policy;
  fleet: Pick<Fleet, "candidates">;
  /** Proplets that have the task's module. */
  warm: readonly string[];
}

export function explainTask(task: Task, { policy, fleet, warm }: Seen): Omit<Explanation, "waits"> {
  const demand = demandOf(task, policy);
  const holder = isActive(task.state) ? task.proplet_id : undefined;
  const known = new Set(warm);
  const candidates = [...fleet.candidates.values()].map((candidate) => {
    const judged = candidate.id === holder ? without(candidate, needsOf(task)) : candidate;
    return known.has(candidate.id) ? { ...judged, cached: true } : judged;
  });
  const proplets = explain(demand, candidates).map(({ candidate: { id, name }, ...verdict }) => ({
    id,
    name,
    holds: id === holder,
    ...verdict,
  }));
  return { task, policy: demand.policy, proplets };
}

/** Why a queued task isn't placed; undefined where it is about to be. */
export function waitingReason(
  task: Task,
  policy: Policy,
  fleet: Pick<Fleet, "candidates">,
): string | undefined {
  return reasonToWait(demandOf(task, policy), [...fleet.candidates.values()]);
}

/** The proplet as it was without the task itself. */
function without(candidate: Candidate, amounts: Holding): Candidate {
  const { held } = candidate;
  return withStanding(candidate, {
    ...candidate,
    held: {
      slots: held.slots - amounts.slots,
      cpuMillis: held.cpuMillis - amounts.cpuMillis,
      memoryBytes: held.memoryBytes - amounts.memoryBytes,
      residents: held.residents - amounts.residents,
    },
  });
}
