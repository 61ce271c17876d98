/** What `prop build` takes over the compiler itself, after a change: each toolchain that is here, in turns. */
import { appendFile, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildProject } from "../src/function/build.ts";
import { examineToolchains } from "../src/function/examine-toolchains.ts";
import { loadProject } from "../src/function/load-project.ts";
import type { Project } from "../src/function/project.ts";
import { scaffoldProject, templateKinds } from "../src/function/scaffold.ts";
import { runProgram } from "../src/function/spawn.ts";
import { findToolchain } from "../src/function/toolchains/index.ts";

const rounds = 7;
const root = resolve(import.meta.dirname, "..");

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function bare(project: Project): Promise<void> {
  const compiler = await findToolchain(project.toolchain).findCompiler(project);
  const { file, args, env } = compiler.command("build/bare.wasm");
  const options = { cwd: project.dir, ...(env === undefined ? {} : { env }) };
  const startedAt = performance.now();
  const { exitCode } = await runProgram(file, args, options);
  if (exitCode !== 0) throw new Error(`${project.toolchain}: exit ${exitCode}`);
  bareMs.push(performance.now() - startedAt);
}

let bareMs: number[] = [];
const dir = await mkdtemp(join(tmpdir(), "prop-bench-"));
try {
  await symlink(join(root, "node_modules"), join(dir, "node_modules"));
  for (const { name, found } of await examineToolchains(root, 20_000)) {
    if (!found || !templateKinds(name).includes("event")) continue;
    await scaffoldProject({ dir: join(dir, name), name: `bench-${name}`, template: name, kind: "event" });
    const project = await loadProject(join(dir, name));
    const change = () => appendFile(join(project.dir, project.source), "\n");
    await buildProject(project);
    const ours: number[] = [];
    bareMs = [];
    for (let round = 0; round < rounds; round++) {
      await change();
      await bare(project);
      await change();
      ours.push(await timed(() => buildProject(project)));
    }
    const ratio = median(ours) / median(bareMs);
    console.log(
      `${name.padEnd(16)}prop build ${median(ours).toFixed(0)} ms, the compiler ${median(bareMs).toFixed(0)} ms: ${ratio.toFixed(2)} ×`,
    );
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}
