/** What a process of ours uses, as Linux counts it. */
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

export interface Usage {
  /** Of one core, since its start. Milliseconds. */
  cpuMs: number;
  rssBytes: number;
}

/** The kernel counts processor time in hundredths of a second. */
const TICK_MS = 10;

export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all(
    ["stat", "status"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8")),
  );
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    rssBytes: Number(/VmRSS:\s+(\d+)/.exec(status ?? "")?.[1]) * 1024,
  };
}

/** What some processes use from now on for `watchMs`, each as percent of one core. */
export async function percentOf(pids: readonly number[], watchMs: number): Promise<number[]> {
  const before = await Promise.all(pids.map(usageOf));
  const from = performance.now();
  await delay(watchMs);
  const watchedMs = performance.now() - from;
  const after = await Promise.all(pids.map(usageOf));
  return after.map(({ cpuMs }, index) => ((cpuMs - (before[index]?.cpuMs ?? 0)) / watchedMs) * 100);
}
