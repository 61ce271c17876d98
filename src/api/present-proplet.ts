/** How the API shows a proplet. */
import type { Proplet } from "../model/proplet.ts";
import type { WireProplet } from "./wire.ts";

/**
 * A proplet as JSON (wire-contract, section 2).
 *
 * @param taskCount how many tasks it holds now
 */
export function presentProplet(proplet: Proplet, taskCount: number): WireProplet {
  const { id, name, alive, metadata, features, capacity, last_alive_at, declared } = proplet;
  const { unheard, cordoned, draining, leaving } = proplet;
  return {
    id,
    name,
    task_count: taskCount,
    alive,
    ...(last_alive_at === undefined ? {} : { last_alive_at }),
    metadata,
    ...(features.length === 0 ? {} : { features }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(declared !== undefined && Object.keys(declared).length > 0 ? { declared } : {}),
    ...(alive && unheard ? { unheard } : {}),
    ...(cordoned ? { cordoned } : {}),
    ...(draining ? { draining } : {}),
    ...(leaving ? { leaving } : {}),
  };
}
