/** What clients do with proplets. */
import { PropError } from "../../errors.ts";
import type { Store } from "../../store/store.ts";
import type { Proplets } from "../manager.ts";
import type { Dispatcher } from "../placement/dispatcher.ts";
import type { State } from "../state/state.ts";
import type { Drains } from "./drains.ts";

export interface PropletsDependencies {
  state: State;
  store: Store;
  declare: Proplets["declare"];
  drains: Pick<Drains, "begin" | "cancel">;
  dispatcher: Pick<Dispatcher, "wake">;
}

export function createProplets(dependencies: PropletsDependencies): Proplets {
  const { state, store, declare, drains, dispatcher } = dependencies;
  const get = async (id: string) => {
    const proplet = state.proplets.get(id);
    if (proplet === undefined) {
      throw new PropError({ code: "PROPLET_NOT_FOUND", message: `proplet ${id} doesn't exist` });
    }
    return proplet;
  };

  return {
    get,
    declare,
    taskCount: (id) => state.heldBy(id).size,
    async list({ alive, offset, limit }) {
      const found = [...state.proplets.values()].filter(
        (proplet) => alive === undefined || proplet.alive === alive,
      );
      return { total: found.length, items: found.slice(offset, offset + limit) };
    },
    async delete(id) {
      await get(id);
      const tasks = state.heldBy(id).size;
      if (tasks > 0) {
        throw new PropError({ code: "PROPLET_BUSY", message: `proplet ${id} has ${tasks} active tasks` });
      }
      await state.removeProplet(id);
    },
    async cordon(id) {
      const proplet = { ...(await get(id)), cordoned: true };
      await state.putProplet(proplet, { reason: "cordoned" });
      return get(id);
    },
    async uncordon(id) {
      const { cordoned: _, draining, ...proplet } = await get(id);
      drains.cancel(id);
      await state.putProplet(proplet, { reason: "uncordoned" });
      dispatcher.wake();
      return get(id);
    },
    async drain(id, { graceMs }) {
      await get(id);
      await drains.begin(id, graceMs);
      return get(id);
    },
    metrics: (id, page) => store.propletMetrics(id, page),
  };
}
