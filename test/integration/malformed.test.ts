/** 100,000 messages and requests that are wrong: each is refused, nothing changes, nothing grows, and work goes on. */
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";

/** Of JavaScript objects, in each of the abused processes: what they may need, not what they may grow to. */
const HEAP_MIB = 128;
const MESSAGES = 58_000;
const REQUESTS = 32_000;
const COMMANDS = 10_000;
/** Half a minute on two free cores. */
const TIMEOUT_MS = 240_000;
/** Another one finds other things; what it found can be had again by it. */
const SEED = Number(process.env.PROP_MALFORMED_SEED ?? 1);

async function abuse(script: string, ...args: number[]) {
  const path = join(import.meta.dirname, "../support/malformed", script);
  const flags = ["--expose-gc", `--max-old-space-size=${HEAP_MIB}`];
  const { stdout } = await execa(process.execPath, [...flags, path, ...args.map(String)], {
    stdin: "ignore",
  });
  return JSON.parse(stdout);
}

/** From when everything has been met once to the end. */
function growthMiB(heapMiB: number[]): number {
  return (heapMiB.at(-1) ?? 0) - (heapMiB[2] ?? 0);
}

test("a manager refuses every malformed message and request, by all its routes, and stays as it was", {
  timeout: TIMEOUT_MS,
}, async () => {
  const report = await abuse("manager-run.ts", MESSAGES, REQUESTS, SEED);
  expect(report).toMatchObject({ taken: [], changed: [], bugs: [], result: "3" });
  expect(report.statuses).not.toHaveProperty("429");
  expect(report.routes).toBeGreaterThan(20);
  expect(growthMiB(report.heapMiB)).toBeLessThan(8);
  expect(report.longestStallMs).toBeLessThan(1_000);
});

test("a proplet takes no malformed command for work, and runs the next good one", {
  timeout: TIMEOUT_MS,
}, async () => {
  const report = await abuse("proplet-run.ts", COMMANDS, SEED);
  expect(report).toMatchObject({ taken: [], ran: [], bugs: [], results: Array(10).fill("3") });
  expect(growthMiB(report.heapMiB)).toBeLessThan(8);
  expect(report.longestStallMs).toBeLessThan(1_000);
});
