/** A part of the system as a process that is killed and started again, with what it says of its runs. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const prop = resolve(import.meta.dirname, "../../bin/dev.js");

/** One start of a module, as the proplet that ran it logged it. */
export interface Run {
  propletId: string;
  taskId: string;
  attempt: number;
}

export interface Part {
  readonly name: string;
  /** Resolves when the process of now, or of the next start, is ready; rejects where it ends by itself. */
  ready(): Promise<void>;
  start(): void;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Its latest lines. */
  said(): readonly string[];
}

export interface PartOptions {
  name: string;
  cwd: string;
  args: readonly string[];
  onRun?: (run: Run) => void;
}

const LINES_KEPT = 200;

export function createPart({ name, cwd, args, onRun }: PartOptions): Part {
  const env = { ...process.env, XDG_CONFIG_HOME: cwd, XDG_STATE_HOME: cwd, XDG_DATA_HOME: cwd };
  const lines: string[] = [];
  let ready = nextReady();
  let isReady = false;
  let child: ChildProcess | undefined;

  function hear(line: string): void {
    if (line.includes('"msg":"ready"')) {
      isReady = true;
      ready.resolve();
    }
    if (line.includes('"msg":"runs a task"')) {
      const { task_id: taskId, attempt } = JSON.parse(line);
      onRun?.({ propletId: name, taskId, attempt });
      return;
    }
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
  }

  return {
    name,
    ready: () => ready.promise,
    start() {
      const started = spawn(process.execPath, [prop, ...args], {
        cwd,
        env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      createInterface(started.stderr).on("line", hear);
      started.once("close", (code) => {
        if (child !== started) return;
        if (isReady) ready = nextReady();
        ready.reject(new Error(`${name} ended by itself with ${code}:\n${lines.slice(-20).join("\n")}`));
      });
      child = started;
    },
    async kill(signal = "SIGKILL") {
      const killed = child;
      child = undefined;
      if (killed === undefined || killed.exitCode !== null || killed.signalCode !== null) return;
      const closed = once(killed, "close");
      killed.kill(signal);
      // Who waits already goes on waiting: for the next start.
      if (isReady) ready = nextReady();
      isReady = false;
      await closed;
    },
    said: () => lines,
  };
}

/** Whoever waits for it hears that it failed; where nobody does, the verdict tells. */
function nextReady(): PromiseWithResolvers<void> {
  const next = Promise.withResolvers<void>();
  next.promise.catch(() => undefined);
  return next;
}
