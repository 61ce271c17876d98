/** What a task asks of the proplet that runs it: its description as sets and numbers. Pure. */
import type { Policy } from "../model/placement.ts";
import { cpuMillis, memoryBytes } from "../model/quantity.ts";
import { knownModule, type Task } from "../model/task.ts";

/** What a task takes of a proplet, or what a proplet has left. */
export interface Amounts {
  slots: number;
  cpuMillis: number;
  memoryBytes: number;
}

/** What tasks take of a proplet, together with those that take no slot. */
export interface Holding extends Amounts {
  /** Latent tasks. */
  residents: number;
}

export const NOTHING: Holding = { slots: 0, cpuMillis: 0, memoryBytes: 0, residents: 0 };

export interface Demand {
  policy: Policy;
  /** No other proplet will do. */
  pinnedTo?: string;
  propletType?: "k8s" | "external";
  /** A proplet is one of them; any will do where there is none. */
  deviceTypes: readonly string[];
  tags: readonly string[];
  capabilities: readonly string[];
  /** Its module is a component, which not every runtime takes. */
  component: boolean;
  /** It stays, and waits for invocations. */
  latent: boolean;
  /** All of the above: the same for all that the same proplets suit, in the same order, whatever they need of them. */
  kind: string;
  needs: Holding;
}

export function demandOf(task: Task, defaultPolicy: Policy): Demand {
  const { policy = defaultPolicy, proplet_type, tags, device_types, capabilities } = task.placement ?? {};
  const asked = {
    policy,
    ...(task.pinned && task.proplet_id !== undefined ? { pinnedTo: task.proplet_id } : {}),
    ...(proplet_type === undefined || proplet_type === "any" ? {} : { propletType: proplet_type }),
    deviceTypes: ordered(device_types),
    tags: ordered(tags),
    capabilities: ordered(capabilities),
    component: knownModule(task)?.component === true,
    latent: task.latent,
  };
  return { ...asked, kind: JSON.stringify(asked), needs: needsOf(task) };
}

/** A latent task waits for invocations: it costs memory, not a slot. */
export function needsOf({ latent, placement }: Task): Holding {
  const { cpu, memory } = placement?.resources ?? {};
  return {
    slots: latent ? 0 : 1,
    residents: latent ? 1 : 0,
    cpuMillis: cpu === undefined ? 0 : (cpuMillis(cpu) ?? 0),
    memoryBytes: memory === undefined ? 0 : (memoryBytes(memory) ?? 0),
  };
}

export function covers(free: Amounts, needs: Amounts): boolean {
  return (
    free.slots >= needs.slots && free.cpuMillis >= needs.cpuMillis && free.memoryBytes >= needs.memoryBytes
  );
}

function ordered(words: readonly string[] = []): string[] {
  return [...new Set(words)].sort();
}
