/** A real Mosquitto on a free loopback port, for tests. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { lastingPort } from "./free-port.ts";

const run = promisify(execFile);

/** Where Debian puts it, though it is not on every user's path. */
const FOLDERS = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];

/** The binary's path; undefined, with the reason printed, where there is none. */
export function findMosquitto(): string | undefined {
  const found = FOLDERS.map((folder) => join(folder, "mosquitto")).find(isExecutable);
  if (!found) console.warn("skipped: no mosquitto on this machine (apt install mosquitto)");
  return found;
}

export interface Mosquitto {
  port: number;
  address: string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with nothing remembered but what `keepsSessions` saved. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface MosquittoOptions {
  binary: string;
  /** Names and their keys; anybody may come in without. */
  users?: Record<string, string>;
  /** Sessions and what waits in them reach the disk each second; nothing does by default. */
  keepsSessions?: boolean;
  /** More lines of its configuration; those on a listener are about the one above. */
  config?: string[];
}

/** Starts one and resolves when it listens. */
export async function startMosquitto(options: MosquittoOptions): Promise<Mosquitto> {
  const { binary, users, keepsSessions = false, config = [] } = options;
  const port = await lastingPort();
  const folder = await mkdtemp(join(tmpdir(), "prop-mosquitto-"));
  // Started by root it drops its rights, and must still be able to write here.
  await chmod(folder, keepsSessions ? 0o777 : 0o755);
  const lines = [
    `listener ${port} 127.0.0.1`,
    "set_tcp_nodelay true",
    "max_queued_messages 0",
    "max_inflight_messages 0",
    ...(keepsSessions
      ? ["persistence true", `persistence_location ${folder}/`, "autosave_interval 1"]
      : ["persistence false"]),
    "log_dest stderr",
    "log_type information",
    ...(users
      ? ["allow_anonymous false", `password_file ${join(folder, "users")}`]
      : ["allow_anonymous true"]),
    ...config,
  ];
  const configPath = join(folder, "mosquitto.conf");
  await writeFile(configPath, `${lines.join("\n")}\n`);
  if (users) await writeUsers(join(folder, "users"), users);

  let child = await launch(binary, configPath);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  return {
    port,
    address: `tcp://127.0.0.1:${port}`,
    kill: () => end("SIGKILL"),
    async restart() {
      child = await launch(binary, configPath);
    },
    async stop() {
      await end("SIGTERM");
      await rm(folder, { recursive: true });
    },
  };
}

async function launch(binary: string, configPath: string): Promise<ChildProcess> {
  const child = spawn(binary, ["-c", configPath], { stdio: ["ignore", "ignore", "pipe"] });
  const said: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    said.push(line);
    if (!/mosquitto version \S+ running/.test(line)) continue;
    child.stderr.resume();
    return child;
  }
  throw new Error(`mosquitto did not start:\n${said.join("\n")}`);
}

async function writeUsers(path: string, users: Record<string, string>): Promise<void> {
  await writeFile(
    path,
    Object.entries(users)
      .map(([name, key]) => `${name}:${key}\n`)
      .join(""),
  );
  await run("mosquitto_passwd", ["-U", path]);
  await chmod(path, 0o644);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
