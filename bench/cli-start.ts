/** How long `prop --version` takes next to `node -e 0`: run alternately, medians of wall time. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const runs = 41;
const prop = resolve(import.meta.dirname, "../bin/prop.js");
const programs = {
  "node -e 0": ["-e", "0"],
  "prop --version": [prop, "--version"],
  "prop --help": [prop, "--help"],
};
type Program = keyof typeof programs;

export interface CliStart {
  /** Median wall time of each program in milliseconds. */
  medianMs: Record<Program, number>;
  /** `prop --version` over `node -e 0`; the bar is 3. */
  ratio: number;
}

/** Measures the built CLI (`npm run build` first) under the Node that runs this. */
export function benchCliStart(): CliStart {
  const times: Record<Program, number[]> = { "node -e 0": [], "prop --version": [], "prop --help": [] };
  for (let run = 0; run <= runs; run++) {
    for (const [name, args] of Object.entries(programs) as [Program, string[]][]) {
      const elapsed = timeRun(args);
      if (run > 0) times[name].push(elapsed); // The first one fills the compile cache.
    }
  }
  const medianMs = {
    "node -e 0": median(times["node -e 0"]),
    "prop --version": median(times["prop --version"]),
    "prop --help": median(times["prop --help"]),
  };
  return { medianMs, ratio: medianMs["prop --version"] / medianMs["node -e 0"] };
}

function timeRun(args: string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const elapsed = performance.now() - start;
  if (status !== 0) throw new Error(`${args.join(" ")} exited with ${status}: ${stderr}`);
  return elapsed;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

if (import.meta.main) {
  const { medianMs, ratio } = benchCliStart();
  for (const [name, ms] of Object.entries(medianMs)) console.log(`${name.padEnd(16)} ${ms.toFixed(1)} ms`);
  console.log(`ratio            ${ratio.toFixed(2)} (bar: 3), medians of ${runs} runs`);
}
