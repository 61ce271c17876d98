/** Real processes for a benchmark: Mosquitto, `prop manager`, `prop proplet`, `prop dev`, each ended by its pid. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import { httpClient } from "./http.ts";

const prop = resolve(import.meta.dirname, "../../bin/prop.js");

export interface Stage {
  /** A folder that goes with the stage. */
  directory: string;
  /** Starts a `prop` command; its stderr is shown when it ends by itself. */
  prop(...args: string[]): ChildProcess;
  /** Runs a script of this folder. */
  node(script: string, ...args: string[]): ChildProcess;
  /** Starts a broker and resolves with its address. */
  mosquitto(): Promise<string>;
  /** Of the broker that was started; 0 before. */
  readonly mosquittoPid: number;
  /** Starts `prop dev` and resolves with its URL when a proplet of its lives. */
  dev(): Promise<string>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "prop-bench-"));
  const children: ChildProcess[] = [];
  let closing = false;
  let mosquittoPid = 0;
  const env = {
    ...process.env,
    XDG_CONFIG_HOME: directory,
    XDG_STATE_HOME: directory,
    XDG_DATA_HOME: directory,
    XDG_CACHE_HOME: directory,
  };

  function start(program: string, args: string[]): ChildProcess {
    const child = spawn(program, args, { cwd: directory, env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr?.on("data", (text: Buffer) => {
      said = (said + text.toString()).slice(-2_000);
    });
    child.on("exit", (code) => {
      if (!closing) console.error(`${program} ${args.slice(0, 3).join(" ")} ended with ${code}:\n${said}`);
    });
    children.push(child);
    return child;
  }

  return {
    directory,
    prop: (...args) => start(process.execPath, [prop, ...args]),
    node: (script, ...args) => start(process.execPath, [join(import.meta.dirname, script), ...args]),
    async mosquitto() {
      const port = await freePort();
      const config = join(directory, "mosquitto.conf");
      const lines = [
        `listener ${port} 127.0.0.1`,
        "allow_anonymous true",
        "set_tcp_nodelay true",
        "max_queued_messages 0",
        "max_inflight_messages 0",
      ];
      await writeFile(config, lines.join("\n"));
      mosquittoPid = start(process.env.MOSQUITTO ?? "/usr/sbin/mosquitto", ["-c", config]).pid ?? 0;
      return `tcp://127.0.0.1:${port}`;
    },
    get mosquittoPid() {
      return mosquittoPid;
    },
    async dev() {
      const [port, mqttPort] = [await freePort(), await freePort()];
      start(process.execPath, [prop, "dev", "--port", `${port}`, "--mqtt-port", `${mqttPort}`]);
      const url = `http://127.0.0.1:${port}`;
      await untilProplet(url);
      return url;
    },
    async close() {
      closing = true;
      for (const child of children.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until the manager at `url` has a live proplet. */
export async function untilProplet(url: string): Promise<void> {
  const http = httpClient(url, 1);
  await http.waitFor("/proplets?status=active", ({ body }) => (body as { total?: number }).total !== 0);
  http.close();
}
