/** `npm run bench`: every figure we claim, each next to its bar or its peer, in one run. */
import { benchCliStart } from "./cli-start.ts";
import { benchDevStart } from "./dev-start.ts";
import { benchFirstRun } from "./first-run.ts";
import { benchInvoke, type InvokeFigures } from "./invoke.ts";
import { benchJob } from "./job.ts";
import { benchManager } from "./manager.ts";
import { benchPlacement, growthOver } from "./placement.ts";
import { benchSimulation } from "./simulation.ts";
import { benchOnDev, benchOverMosquitto, type TaskFigures } from "./tasks.ts";

const ms = (value: number) => `${value.toFixed(2)} ms`;
const rate = (value: number) => `${Math.round(value).toLocaleString("en")}/s`;
const line = (what: string, figure: string, bar = "") =>
  console.log(`${what.padEnd(48)}${figure.padEnd(44)}${bar}`);

function tasks(
  what: string,
  { alone, tasksPerSecond, tasks: count }: TaskFigures,
  bars: [string, string],
): void {
  line(`${what}: one at a time`, `p50 ${ms(alone.p50)}, p99 ${ms(alone.p99)}`, bars[0]);
  line(`${what}: 64 at a time`, `${rate(tasksPerSecond)}, none of ${count} lost`, bars[1]);
}

function invocations(ours: InvokeFigures, inline: InvokeFigures, bar: string): void {
  const { connections, latency } = ours;
  line(
    `invoke, ${connections} connections`,
    `${rate(ours.perSecond)}, p50 ${ms(latency.p50)}, p99 ${ms(latency.p99)}`,
  );
  line(
    "  inline in a bare Node server",
    `${rate(inline.perSecond)}, p50 ${ms(inline.latency.p50)}, p99 ${ms(inline.latency.p99)}`,
  );
  line("  ours over inline", (ours.perSecond / inline.perSecond).toFixed(2), bar);
}

const cli = benchCliStart();
line("node -e 0", ms(cli.medianMs["node -e 0"]));
line(
  "prop --version",
  `${ms(cli.medianMs["prop --version"])}, ${cli.ratio.toFixed(2)} × node -e 0`,
  "bar: 3 ×",
);
line("prop dev to first result", ms(await benchDevStart()), "bar: 1,500 ms");
tasks("legacy HTTP, Mosquitto at QoS 2", await benchOverMosquitto(), [
  "bar: p50 5 ms",
  "bar: 1,050/s, none lost",
]);
for (const synchronous of ["normal", "full"] as const) {
  const { ours, bare, ratio, alone, cpuUs, tasks } = await benchManager({ synchronous });
  const what = `manager alone, synchronous=${synchronous}`;
  line(`${what}: one at a time`, `p50 ${ms(alone.p50)}, p99 ${ms(alone.p99)}`, "bar: p50 3 ms");
  line(`${what}: 64 at a time`, `${rate(ours)}, none of ${tasks} lost`, "bar: 1,710/s");
  line("  a bare loop of the same libraries", rate(bare));
  line("  ours over bare, median of rounds", ratio.toFixed(2), "bar: 0.9");
  line("  processor time a task, ours and bare", `${cpuUs.ours.toFixed(0)} µs, ${cpuUs.bare.toFixed(0)} µs`);
}
tasks("prop dev, one request a task", await benchOnDev(), ["", "bar: 5,000/s, none lost"]);
const job = await benchJob();
line(
  `prop dev: a job of ${job.tasks.toLocaleString("en")} tasks`,
  `${job.runSeconds.toFixed(2)} s, ${job.completed.toLocaleString("en")} completed; created in ${job.createSeconds.toFixed(2)} s`,
  "bar: 2 s",
);
for (const { sizeBytes, transferMs, firstMs, againMs } of await benchFirstRun()) {
  line(
    `a module never seen, of ${sizeBytes.toLocaleString("en")} bytes`,
    `${ms(firstMs)}, ${ms(firstMs - transferMs)} over its transfer; again ${ms(againMs)}`,
    "bar: 50 ms over",
  );
}
const placement = await benchPlacement();
for (const { count, ms: took, cpuMs } of placement) {
  const what = `placing ${count.toLocaleString("en")} tasks on as many proplets`;
  line(what, `${ms(took)}, ${ms(cpuMs)} of the processor`, count === 10_000 ? "bar: 1,000 ms" : "");
}
line("  processor over n log n, 100 to 10,000", `${growthOver(placement).toFixed(2)} ×`, "bar: 1");
const { ours, inline } = await benchInvoke();
for (const [index, figures] of ours.entries()) {
  const peer = inline[index];
  if (peer !== undefined) invocations(figures, peer, figures.connections === 64 ? "bar: 0.6" : "");
}
for (const proplets of [100, 1_000, 10_000]) {
  const of10k = (bar: string) => (proplets === 10_000 ? bar : "");
  const figures = await benchSimulation(proplets);
  const { managerPercent, rssMiB, tasksPerSecond, storeKiBPer1000, withMetricsPercent } = figures;
  const cost = `${managerPercent.toFixed(1)} % of a core, ${rssMiB.toFixed(0)} MiB`;
  line(`${proplets.toLocaleString("en")} proplets: heartbeats`, cost, of10k("bar: 30 %, 1,024 MiB"));
  line("  tasks through them", `${rate(tasksPerSecond)}, ${(storeKiBPer1000 / 1_000).toFixed(1)} KiB each`);
  line("  heartbeats and metrics", `${withMetricsPercent.toFixed(1)} % of a core`);
}
