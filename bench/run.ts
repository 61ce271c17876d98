/** `npm run bench`: every figure we claim, each next to its bar or its peer, in one run. */
import { benchCliStart } from "./cli-start.ts";
import { benchDevStart } from "./dev-start.ts";
import { benchInvoke, type InvokeFigures } from "./invoke.ts";
import { benchOnDev, benchOverMosquitto, type TaskFigures } from "./tasks.ts";

const ms = (value: number) => `${value.toFixed(2)} ms`;
const rate = (value: number) => `${Math.round(value).toLocaleString("en")}/s`;
const line = (what: string, figure: string, bar = "") =>
  console.log(`${what.padEnd(48)}${figure.padEnd(44)}${bar}`);

function tasks(
  what: string,
  { alone, tasksPerSecond, tasks: count, lost }: TaskFigures,
  bars: [string, string],
): void {
  line(`${what}: one at a time`, `p50 ${ms(alone.p50)}, p99 ${ms(alone.p99)}`, bars[0]);
  line(`${what}: 64 at a time`, `${rate(tasksPerSecond)}, ${lost} of ${count} lost`, bars[1]);
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
tasks("prop dev, one request a task", await benchOnDev(), ["", "bar: 5,000/s, none lost"]);
const { ours, inline } = await benchInvoke();
for (const [index, figures] of ours.entries()) {
  const peer = inline[index];
  if (peer !== undefined) invocations(figures, peer, figures.connections === 64 ? "bar: 0.6" : "");
}
