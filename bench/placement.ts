/** How long it takes to place as many tasks as there are proplets, and how that grows: the dispatcher alone, no store, no messages. */
import { setImmediate as turn } from "node:timers/promises";
import { createDispatcher } from "../src/manager/placement/dispatcher.ts";
import type { PlacementInput, Policy } from "../src/model/placement.ts";
import type { Proplet } from "../src/model/proplet.ts";
import type { Task } from "../src/model/task.ts";
import { idleTask } from "../src/model/testing/task.ts";
import { createMemoryState } from "../test/support/memory-state.ts";
import { percentiles } from "./support/figures.ts";

export interface PlacementFigures {
  /** Tasks, and proplets. */
  count: number;
  ms: number;
  /** Of the processor: what else runs on the machine takes none of it. */
  cpuMs: number;
}

interface Load {
  count: number;
  policy?: Policy;
  task?: (index: number) => Partial<Task>;
  /** Tasks that wait all the while, for something that no proplet has. */
  blocked?: (index: number) => Partial<Task>;
}

/** Places `count` tasks on `count` proplets, from the first that is queued to the last that is placed. */
export async function placeAll(load: Load): Promise<PlacementFigures> {
  const { count, policy = "hybrid", task = () => ({}), blocked } = load;
  const state = createMemoryState();
  let placed = 0;
  const attempts = {
    begin({ id }: Task, { id: propletId }: Proplet) {
      placed += 1;
      state.apply(id, { type: "dispatch", propletId, acknowledges: false });
    },
  };
  const dispatcher = createDispatcher({ state, attempts, connected: () => true, policy });
  for (let index = 0; index < count; index++) state.putProplet(proplet(index));
  const queue = (id: string, fields: Partial<Task>) =>
    state.put(idleTask({ ...fields, id, queued_at: "2026-01-02T03:04:05.000Z" }));
  for (let index = 0; blocked !== undefined && index < count; index++) queue(`b${index}`, blocked(index));
  while (blocked !== undefined && dispatcher.waitsFor(`b${count - 1}`) === undefined) await turn();
  for (let turns = 0; turns < 4; turns++) await turn();

  const start = performance.now();
  const usage = process.threadCpuUsage();
  for (let index = 0; index < count; index++) queue(`t${index}`, task(index));
  while (placed < count) await turn();
  const ms = performance.now() - start;
  const { user, system } = process.threadCpuUsage(usage);
  dispatcher.close();
  return { count, ms, cpuMs: (user + system) / 1_000 };
}

function proplet(index: number): Proplet {
  return {
    id: `p${index}`,
    name: `p${index}`,
    metadata: { tags: [index % 2 === 0 ? "even" : "odd"] },
    features: ["direct", "ack", "digest"],
    capacity: { slots: 4, cpu_millis: 4_000, memory_bytes: 2 ** 32 },
    boot_id: "b",
    alive: true,
    alive_history: [],
    created_at: "",
  };
}

const module = (digest: string) => ({ digest, sizeBytes: 1, preview: "" });
const asks = (placement: PlacementInput) => ({ placement });

const loads: Record<string, Omit<Load, "count">> = {
  "least-loaded": { policy: "least-loaded" },
  "round-robin": { policy: "round-robin" },
  "bin-pack": { policy: "bin-pack" },
  "hybrid, one module": { task: () => ({ module: module("m") }) },
  "hybrid, a module each": { task: (index) => ({ module: module(`m${index}`) }) },
  "hybrid, 3Gi each": { task: () => asks({ resources: { memory: "3Gi" } }) },
  "hybrid, a tag": { task: (index) => asks({ tags: [index % 2 === 0 ? "even" : "odd"] }) },
  "hybrid, past tasks pinned to the dead": {
    blocked: (index) => ({ pinned: true, proplet_id: `dead${index}` }),
  },
  "hybrid, past groups that lack memory": {
    blocked: (index) => asks({ resources: { memory: `${5_000 + index}Mi` } }),
  },
  "hybrid, past groups that lack a tag": { blocked: (index) => asks({ tags: [`none${index}`] }) },
};

/** With 100, 1,000 and 10,000 tasks on as many proplets, five runs or more each; the default policy by default. */
export async function benchPlacement(load: Omit<Load, "count"> = {}): Promise<PlacementFigures[]> {
  await placeAll({ ...load, count: 2_000 });
  const figures: PlacementFigures[] = [];
  for (const count of [100, 1_000, 10_000]) {
    const runs: PlacementFigures[] = [];
    while (runs.length < Math.max(5, 10_000 / count)) runs.push(await placeAll({ ...load, count }));
    const ms = percentiles(runs.map((run) => run.ms)).p50;
    // The clock of a thread is coarse: a single short run shows nothing.
    const cpuMs = runs.reduce((sum, run) => sum + run.cpuMs, 0) / runs.length;
    figures.push({ count, ms, cpuMs });
  }
  return figures;
}

/** By how much more than n log n it grew from the first figure to the last; at most 1 where it kept to it. */
export function growthOver([first, ...rest]: readonly PlacementFigures[]): number {
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return Number.NaN;
  const expected = (last.count * Math.log(last.count)) / (first.count * Math.log(first.count));
  return last.cpuMs / first.cpuMs / expected;
}

if (import.meta.main) {
  for (const [name, load] of Object.entries(loads)) {
    const figures = await benchPlacement(load);
    const shown = figures
      .map(({ count, ms, cpuMs }) => `${count}: ${ms.toFixed(0)} ms, CPU ${cpuMs.toFixed(1)}`.padEnd(32))
      .join("");
    console.log(`${name.padEnd(40)}${shown}growth ${growthOver(figures).toFixed(2)} × n log n`);
  }
}
