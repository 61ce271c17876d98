/** The manager alone, against a legacy proplet that answers at once, over Mosquitto at QoS 2; next to a bare loop that only does the I/O. */
import { freePort } from "../test/support/free-port.ts";
import { type Latencies, median } from "./support/figures.ts";
import { httpClient } from "./support/http.ts";
import { usageOf } from "./support/process-usage.ts";
import { openStage, type Stage, untilProplet } from "./support/processes.ts";
import { openTaskLoad, type TaskLoad } from "./support/task-load.ts";

/** Short ones: what the machine does beside it then hits both alike. */
const ROUNDS = 20;
const WIDTH = 64;

export interface ManagerRound {
  /** Tasks a second. */
  ours: number;
  bare: number;
  ratio: number;
}

export interface ManagerFigures {
  rounds: ManagerRound[];
  /** Medians over the rounds. */
  ours: number;
  bare: number;
  ratio: number;
  /** One task at a time, in milliseconds. */
  alone: Latencies;
  bareAlone: Latencies;
  /** What a task takes of the processor in the manager's process, and in the bare loop's. Microseconds. */
  cpuUs: { ours: number; bare: number };
  tasks: number;
}

export interface ManagerBenchOptions {
  /** Of ours, over all rounds. */
  tasks?: number;
  /** As `PRAGMA synchronous` has it, for both. */
  synchronous?: "normal" | "full";
}

/** Both run on the same broker with the same proplet, in turn, round after round: what the machine does meanwhile hits both. */
export async function benchManager(options: ManagerBenchOptions = {}): Promise<ManagerFigures> {
  const { tasks = 20_000, synchronous = "normal" } = options;
  const stage = await openStage();
  try {
    const broker = await stage.mosquitto();
    const ours = await startOurs(stage, broker, synchronous);
    const bare = await startBare(stage, broker, synchronous);
    stage.node("answering-proplet.ts", broker, "m/ours/c/c", "m/bare/c/c");
    await untilProplet(ours.url);
    const loads = { ours: await openTaskLoad(ours.url, 2), bare: await openTaskLoad(bare.url, 2) };
    for (const load of Object.values(loads)) await load.run(1_000, WIDTH);
    const bareAlone = await loads.bare.alone(300);
    const alone = await loads.ours.alone(300);
    const rounds: ManagerRound[] = [];
    const before = await cpuMs([ours.pid, bare.pid]);
    for (let round = 0; round < ROUNDS; round++) rounds.push(await runRound(loads, tasks / ROUNDS, round));
    const [oursMs = 0, bareMs = 0] = (await cpuMs([ours.pid, bare.pid])).map(
      (ms, i) => ms - (before[i] ?? 0),
    );
    const cpuUs = { ours: (oursMs / tasks) * 1_000, bare: (bareMs / tasks) * 1_000 };
    const failed = loads.ours.failed + loads.bare.failed;
    if (failed > 0) throw new Error(`${failed} tasks failed`);
    for (const load of Object.values(loads)) load.close();
    const of = (key: keyof ManagerRound) => median(rounds.map((round) => round[key]));
    return { rounds, ours: of("ours"), bare: of("bare"), ratio: of("ratio"), alone, bareAlone, cpuUs, tasks };
  } finally {
    await stage.close();
  }
}

/** A task that is lost ends the run with an error. */
async function runRound(
  loads: { ours: TaskLoad; bare: TaskLoad },
  tasks: number,
  round: number,
): Promise<ManagerRound> {
  const figures = { ours: 0, bare: 0 };
  const order = round % 2 === 0 ? (["bare", "ours"] as const) : (["ours", "bare"] as const);
  for (const one of order) figures[one] = await loads[one].run(tasks, WIDTH);
  return { ...figures, ratio: figures.ours / figures.bare };
}

interface Running {
  url: string;
  pid: number;
}

async function startOurs(stage: Stage, broker: string, synchronous: string): Promise<Running> {
  const port = await freePort();
  const channel = ["--mqtt-address", broker, "--domain", "ours", "--channel", "c", "--id", "manager"];
  const store = ["--data", `${stage.directory}/m`, "--synchronous", synchronous];
  const { pid = 0 } = stage.prop("manager", ...channel, ...store, "--http-port", `${port}`);
  return { url: await untilUp(port), pid };
}

async function startBare(stage: Stage, broker: string, synchronous: string): Promise<Running> {
  const port = await freePort();
  const { pid = 0 } = stage.node(
    "bare-loop.ts",
    broker,
    "m/bare/c/c",
    `${port}`,
    stage.directory,
    synchronous,
  );
  return { url: await untilUp(port), pid };
}

async function cpuMs(pids: readonly number[]): Promise<number[]> {
  return (await Promise.all(pids.map(usageOf))).map(({ cpuMs }) => cpuMs);
}

async function untilUp(port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  const http = httpClient(url, 1);
  await http.waitFor("/health", ({ status }) => status === 200);
  http.close();
  return url;
}

if (import.meta.main) {
  const synchronous = process.argv.includes("full") ? "full" : "normal";
  const { rounds, ...figures } = await benchManager({ synchronous });
  for (const { ours, bare, ratio } of rounds) {
    console.log(`ours ${ours.toFixed(0)}/s, bare loop ${bare.toFixed(0)}/s, ratio ${ratio.toFixed(2)}`);
  }
  console.log(figures);
}
