/** `npm run demo`: prop's commands as a user types them, in a temporary folder that is removed at the end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What a user has installed; `npm run demo` builds it first. */
const prop = fileURLToPath(new URL("../../bin/prop.js", import.meta.url));

interface Step {
  command: string;
  /** Relative to the demo's folder. */
  cwd: string;
}

const steps: Step[] = [
  { command: "prop init hello", cwd: "." },
  ...[
    "prop build",
    "prop run . 2 3",
    "prop dev --detach --port 0 --mqtt-port 0",
    "prop deploy",
    "prop invoke hello 2 3",
    "prop proplets list",
    "prop tasks list",
    "prop dev stop",
  ].map((command) => ({ command, cwd: "hello" })),
];

const next = `
Now yours:
  prop init hello && cd hello
  prop dev                      # leave it running, and edit src/
  prop invoke hello 2 3         # in another terminal
`;

let running: ChildProcess | undefined;
let isInterrupted = false;

/** Runs a command with its output as it is. @returns its exit code */
async function run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, [prop, ...args], {
    cwd,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  running = child;
  const [exitCode] = await once(child, "exit");
  running = undefined;
  return typeof exitCode === "number" ? exitCode : 1;
}

async function demo(dir: string): Promise<number> {
  const env = userOf(dir);
  for (const { command, cwd } of steps) {
    if (isInterrupted) return 130;
    process.stdout.write(`\n$ ${command}\n`);
    const exitCode = await run(command.split(" ").slice(1), resolve(dir, cwd), env);
    if (isInterrupted) return 130;
    if (exitCode !== 0) {
      process.stderr.write(`\nThe demo ends here: ${command} exited with ${exitCode}.\n`);
      return 1;
    }
    if (command.startsWith("prop init")) process.stdout.write("\n$ cd hello\n");
  }
  process.stdout.write(next);
  return 0;
}

/** A user of its own: neither targets nor a running `prop dev` of the real one matter. */
function userOf(dir: string): NodeJS.ProcessEnv {
  const { PROP_TARGET: _, ...env } = process.env;
  return { ...env, XDG_CONFIG_HOME: join(dir, ".config"), XDG_STATE_HOME: join(dir, ".state") };
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    isInterrupted = true;
    running?.kill("SIGTERM");
  });
}

const dir = await mkdtemp(join(tmpdir(), "prop-demo-"));
try {
  process.exitCode = await demo(dir);
} finally {
  const project = join(dir, "hello");
  await mkdir(project, { recursive: true });
  // Where a step failed or was interrupted, prop dev may still run.
  if (process.exitCode !== 0) await run(["dev", "stop"], project, userOf(dir));
  await rm(dir, { recursive: true, force: true });
}
