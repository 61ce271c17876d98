/** How the manager stands when Prometheus asks: read then, so that nothing is counted twice and nothing runs away. */
import { Gauge, type Registry } from "prom-client";
import { stateName, TaskState } from "../../model/task-state.ts";
import type { Store } from "../../store/store.ts";
import type { State } from "../state/state.ts";

export interface GaugeSources {
  state: State;
  connected: () => boolean;
  store: Pick<Store, "failure">;
}

/** Proplets that have a series of their own: those known longest. */
const MOST_PROPLETS = 500;

export function addGauges(registers: Registry[], { state, connected, store }: GaugeSources): void {
  const gauge = (name: string, help: string, collect: (this: Gauge) => void, labelNames: string[] = []) =>
    new Gauge({ name: `propeller_${name}`, help, labelNames, registers, collect });

  gauge("proplets_total", "Proplets that are registered.", function () {
    this.set(state.proplets.size);
  });
  gauge("proplets_alive", "Those of them that are alive.", function () {
    this.set([...state.proplets.values()].filter(({ alive }) => alive).length);
  });
  const health = `1 where a proplet is alive, for the ${MOST_PROPLETS} known longest; propeller_proplets_alive counts all.`;
  gauge("proplet_health_status", health, collectHealth, ["proplet_id"]);
  gauge("tasks_total", "Tasks that are known, by state.", collectTasks, ["state"]);
  gauge("queue_depth", "Tasks that wait for a proplet.", function () {
    let depth = 0;
    for (const task of state.tasks.values()) if (task.queued_at) depth += 1;
    this.set(depth);
  });
  gauge("broker_connected", "1 while the broker is heard.", function () {
    this.set(connected() ? 1 : 0);
  });
  gauge("store_writable", "0 while the store fails: nothing new is taken then.", function () {
    this.set(store.failure() === undefined ? 1 : 0);
  });

  function collectHealth(this: Gauge): void {
    this.reset();
    for (const { id, alive } of [...state.proplets.values()].slice(0, MOST_PROPLETS))
      this.set({ proplet_id: id }, alive ? 1 : 0);
  }

  function collectTasks(this: Gauge): void {
    const tally = state.tally();
    for (const each of Object.values(TaskState)) this.set({ state: stateName(each) }, tally[each] ?? 0);
  }
}
