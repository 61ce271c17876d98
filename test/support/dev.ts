/** A user with a project and nothing else: prop dev in the foreground, and commands beside it. */
import { join } from "node:path";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { createWorkspace, type PropOptions, prop } from "./workspace.ts";

const bin = join(import.meta.dirname, "../../bin/dev.js");

/** Makes a workspace, and what runs prop in it with no state but what is in it. */
export async function createUser() {
  const dir = await createWorkspace();
  const env = {
    XDG_CONFIG_HOME: join(dir, ".config"),
    XDG_STATE_HOME: join(dir, ".state"),
    XDG_DATA_HOME: join(dir, ".data"),
    XDG_CACHE_HOME: join(dir, ".cache"),
    PROP_TARGET: "",
    TMPDIR: dir,
  };
  const run = (cwd: string, args: readonly string[], options: PropOptions = {}) =>
    prop(cwd, args, { ...options, env: { ...env, ...options.env } });
  return {
    dir,
    env,
    prop: run,
    /** What a command says with --json. */
    async json(cwd: string, args: readonly string[]) {
      const { stdout, stderr, exitCode } = await run(cwd, [...args, "--json"]);
      if (stdout === "") throw new Error(`prop ${args.join(" ")} said nothing: ${exitCode} ${stderr}`);
      return JSON.parse(stdout);
    },
    /** Makes the project `hello` of the template wat, whose function adds two numbers. */
    async createProject(): Promise<string> {
      await run(dir, ["init", "hello", "--template", "wat", "--no-install"]);
      return join(dir, "hello");
    },
    /** Starts `prop dev` on free ports; waits until it says `until`. */
    async startDev(cwd: string, args: readonly string[] = [], until: RegExp = /data /): Promise<RunningDev> {
      const ports = args.some((arg) => arg.includes("port"))
        ? []
        : ["--port", "0", "--mqtt-port", "0", "--registry-port", "0"];
      return await start(cwd, ["dev", ...ports, ...args], env, until);
    },
    start: (cwd: string, args: readonly string[], until: RegExp) => start(cwd, args, env, until),
  };
}

export interface RunningDev {
  process: { pid?: number | undefined; kill(signal: NodeJS.Signals): boolean };
  /** Resolves with the match once all that was said so far, or is said later, matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Forgets what was said so far. */
  forget(): void;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<{ exitCode: number | undefined }>;
}

async function start(
  cwd: string,
  args: readonly string[],
  env: Record<string, string>,
  until: RegExp,
): Promise<RunningDev> {
  const running = execa(process.execPath, [bin, ...args], { cwd, env, reject: false, all: true });
  onTestFinished(async () => {
    running.kill("SIGKILL");
    await running;
  });
  let said = "";
  const waiting = new Set<() => void>();
  running.all.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    for (const look of waiting) look();
  });

  function says(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(said);
        if (match === null) return;
        waiting.delete(look);
        resolve(match);
      };
      waiting.add(look);
      look();
      void running.then(() => reject(new Error(`it ended without saying ${pattern}:\n${said}`)));
    });
  }

  await says(until);
  return {
    process: running,
    says,
    forget() {
      said = "";
    },
    async end(signal) {
      running.kill(signal);
      const { exitCode } = await running;
      return { exitCode };
    },
  };
}
