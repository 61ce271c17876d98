/** Refuses what no proplet can be measured by, and names the field. */
import { PropError } from "../../errors.ts";
import { cpuMillis, memoryBytes } from "../../model/quantity.ts";
import type { TaskInput } from "../../model/task.ts";

const WORDS_MOST = 64;

/** @throws PropError `TASK_INVALID` */
export function checkPlacement({ placement, broadcast }: Pick<TaskInput, "placement" | "broadcast">): void {
  const { cpu, memory } = placement?.resources ?? {};
  if (cpu !== undefined && cpuMillis(cpu) === undefined) {
    throw invalid(`placement.resources.cpu must be a quantity like 500m, 2 or 0.5, got "${cpu}"`);
  }
  if (memory !== undefined && memoryBytes(memory) === undefined) {
    throw invalid(
      `placement.resources.memory must be a quantity like 512Mi, 4Gi or 1048576, got "${memory}"`,
    );
  }
  for (const field of ["tags", "device_types", "capabilities"] as const) {
    const words = placement?.[field] ?? [];
    if (words.includes("")) throw invalid(`placement.${field} must not have an empty text in it`);
    if (words.length > WORDS_MOST) throw invalid(`placement.${field} has more than ${WORDS_MOST} entries`);
  }
  if (broadcast && placement?.policy !== undefined) {
    throw invalid("placement.policy chooses one proplet: a broadcast task goes to all that fit");
  }
}

function invalid(message: string): PropError {
  return new PropError({ code: "TASK_INVALID", message });
}
