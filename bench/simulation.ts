/** A manager with 100, 1,000 and 10,000 proplets: what their heartbeats cost, how fast tasks go through them, how the store grows. */
import { stat } from "node:fs/promises";
import { freePort } from "../test/support/free-port.ts";
import { httpClient } from "./support/http.ts";
import { percentOf, usageOf } from "./support/process-usage.ts";
import { openStage } from "./support/processes.ts";
import { openTaskLoad } from "./support/task-load.ts";

const WATCH_MS = 10_000;
const WATCHES_PER_HOUR = 360;
const MEBIBYTE = 2 ** 20;

export interface SimulationFigures {
  proplets: number;
  /** From the first introduction until all are known and alive. */
  introducedMs: number;
  /** Of one core, for heartbeats every ten seconds and nothing else: the manager's share, and the broker's. */
  managerPercent: number;
  brokerPercent: number;
  rssMiB: number;
  /** One request a task, 64 at a time. */
  tasksPerSecond: number;
  /** What 1,000 tasks add to the store. */
  storeKiBPer1000: number;
  /** Where each also reports its machine's metrics every ten seconds. */
  withMetricsPercent: number;
  /** What those add to the store, until retention takes the oldest away. Shows from 10,000 proplets on: see `sizeOf`. */
  metricsMiBPerHour: number;
}

/** The proplets are processes of their own, as are the manager and Mosquitto: what each uses is counted apart. */
export async function benchSimulation(proplets: number, tasks = 5_000): Promise<SimulationFigures> {
  const stage = await openStage();
  try {
    const broker = await stage.mosquitto();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const channel = ["--mqtt-address", broker, "--domain", "sim", "--channel", "c", "--id", "manager"];
    const data = `${stage.directory}/m`;
    const { pid = 0 } = stage.prop("manager", ...channel, "--http-port", `${port}`, "--data", data);
    const http = httpClient(url, 1);
    await http.waitFor("/health", ({ status }) => status === 200);

    const start = performance.now();
    stage.node("many-proplets.ts", broker, "m/sim/c/c", `${proplets}`, "alive");
    const all = ({ body }: { body: unknown }) => (body as { total?: number }).total === proplets;
    await http.waitFor("/proplets?status=active&limit=1", all);
    const introducedMs = performance.now() - start;
    http.close();
    const [managerPercent = 0, brokerPercent = 0] = await percentOf([pid, stage.mosquittoPid], WATCH_MS);
    const { rssBytes } = await usageOf(pid);

    const load = await openTaskLoad(url, 1);
    await load.run(1_000, 64);
    const sizeBefore = await sizeOf(data);
    const tasksPerSecond = await load.run(tasks, 64);
    const tasksBytes = (await sizeOf(data)) - sizeBefore;
    load.close();
    if (load.failed > 0) throw new Error(`${load.failed} tasks failed`);

    stage.node("many-proplets.ts", broker, "m/sim/c/c", `${proplets}`, "metrics");
    const sizeBeforeMetrics = await sizeOf(data);
    const [withMetricsPercent = 0] = await percentOf([pid], WATCH_MS);
    const metricsBytes = (await sizeOf(data)) - sizeBeforeMetrics;
    return {
      proplets,
      introducedMs,
      managerPercent,
      brokerPercent,
      rssMiB: rssBytes / MEBIBYTE,
      tasksPerSecond,
      storeKiBPer1000: (tasksBytes / 1024 / tasks) * 1_000,
      withMetricsPercent,
      metricsMiBPerHour: (metricsBytes / MEBIBYTE) * WATCHES_PER_HOUR,
    };
  } finally {
    await stage.close();
  }
}

/** Of the file. The log beside it is written over and over, and reaches the file some thousand pages at a time. */
async function sizeOf(data: string): Promise<number> {
  return (await stat(`${data}/prop.db`)).size;
}

if (import.meta.main) {
  for (const proplets of [100, 1_000, 10_000]) console.log(await benchSimulation(proplets));
}
