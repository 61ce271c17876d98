/** A run of chaos: a system under load, its parts killed at random by a seed, and what became of its tasks. */
import { onTestFinished } from "vitest";
import { createRandom } from "../support/malformed/random.ts";
import { createWorkspace } from "../support/workspace.ts";
import { submitAll, untilAllEnded } from "./load.ts";
import { unleash } from "./monkey.ts";
import { createPace } from "./pace.ts";
import { type System, startSystem } from "./system.ts";
import { judge, type Verdict } from "./verdict.ts";

export interface ChaosOptions {
  /** Of Mosquitto. */
  binary: string;
  tasks: number;
  proplets: number;
  /** How often something is killed while they are handed in. */
  kills: number;
}

/** The seed of this run: `PROP_CHAOS_SEED` where it is to be repeated. */
export function chaosSeed(): number {
  return Number(process.env.PROP_CHAOS_SEED ?? Date.now() % 1_000_000);
}

export async function runChaos(options: ChaosOptions): Promise<Verdict> {
  const seed = chaosSeed();
  console.info(`chaos: PROP_CHAOS_SEED=${seed} repeats whom it kills`);
  const directory = await createWorkspace();
  const keepsSessions = seed % 2 === 0;
  const system = await startSystem({ ...options, directory, keepsSessions });
  let phase = "the load is handed in";
  const over = new AbortController();
  let killing: Promise<unknown> = Promise.resolve();
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") tellLast(system, phase);
    over.abort();
    await killing;
    await system.close();
  });
  const startedAt = performance.now();
  const { tasks, kills } = options;
  const pace = createPace();
  // The monkey has a sequence of its own: whom it kills doesn't depend on how fast the load is.
  const onTurn = () => pace.allow(Math.ceil(tasks / kills));
  const turns = unleash({ system, random: createRandom(seed), kills, onTurn, signal: over.signal });
  killing = turns;
  const loading = submitAll({ system, tasks, random: createRandom(seed + 1), pace });
  const [killed, acknowledged] = await Promise.all([turns, loading]);
  phase = "all that was killed is up again, and the tasks end";
  await untilAllEnded(system);
  phase = "all tasks have ended";
  const verdict = await judge(system, acknowledged);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  console.info("chaos:", JSON.stringify({ seconds, kills: Object.fromEntries(killed), ...verdict.figures }));
  return verdict;
}

const LINES_TOLD = 15;

function tellLast({ manager, proplets }: System, phase: string): void {
  console.info(`chaos: it failed while ${phase}`);
  for (const { name, said } of [manager, ...proplets]) {
    console.info(`chaos: ${name} said last\n${said().slice(-LINES_TOLD).join("\n")}`);
  }
}
