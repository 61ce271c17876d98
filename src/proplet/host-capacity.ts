/** What a proplet on this machine can take on, where nobody says otherwise. */
import { availableParallelism, totalmem } from "node:os";
import type { Capacity } from "../protocol/messages/discovery.ts";

export interface SaidCapacity {
  /** Tasks at a time. */
  slots?: number | undefined;
  /** Thousandths of a core. */
  cpuMillis?: number | undefined;
  memoryBytes?: number | undefined;
  type?: "k8s" | "external" | undefined;
  deviceType?: string | undefined;
  /** Beside what every proplet of ours can do. */
  capabilities?: readonly string[];
}

const OWN_CAPABILITIES = ["wasi-preview1"];

/** What is said goes before what the machine has: a container may have less of it than it sees. */
export function hostCapacity(said: SaidCapacity, env: NodeJS.ProcessEnv): Capacity {
  const cores = availableParallelism();
  return {
    slots: said.slots ?? Math.max(4, 2 * cores),
    cpu_millis: said.cpuMillis ?? 1_000 * cores,
    memory_bytes: said.memoryBytes ?? totalmem(),
    proplet_type: said.type ?? (env.KUBERNETES_SERVICE_HOST === undefined ? "external" : "k8s"),
    device_type: said.deviceType ?? "server",
    capabilities: [...new Set([...OWN_CAPABILITIES, ...(said.capabilities ?? [])])],
  };
}
