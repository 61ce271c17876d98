/** What clients do with proplets. */
import { PropError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { Proplets } from "./manager.ts";
import type { State } from "./state.ts";

export function createProplets({ state, store }: { state: State; store: Store }): Proplets {
  const get = async (id: string) => {
    const proplet = state.proplets.get(id);
    if (proplet === undefined) {
      throw new PropError({ code: "PROPLET_NOT_FOUND", message: `proplet ${id} doesn't exist` });
    }
    return proplet;
  };

  return {
    get,
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
    metrics: (id, page) => store.propletMetrics(id, page),
  };
}
