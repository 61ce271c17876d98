/** The parts as processes of their own, over a real Mosquitto, one of them killed under load. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { createClient } from "../../src/api/client.ts";
import { assemble } from "../../src/engine/testing/wat.ts";
import { freePort } from "../support/free-port.ts";
import { findMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { createWorkspace } from "../support/workspace.ts";

const mosquittoBinary = findMosquitto();
const prop = resolve(import.meta.dirname, "../../bin/dev.js");
const TASKS = 1_000;

/** The sum of the numbers up to n: a little work, and a result that tells whose it is. */
const SUM = `(module (func (export "sum") (param $n i32) (result i32) (local $s i32)
  (loop $next
    (local.set $s (i32.add (local.get $s) (local.get $n)))
    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (br_if $next (i32.gt_s (local.get $n) (i32.const 0))))
  (local.get $s)))`;

/** Starts a part and resolves when it says that it is ready. */
async function start(cwd: string, ...args: string[]): Promise<ChildProcess> {
  const env = { ...process.env, XDG_CONFIG_HOME: cwd, XDG_STATE_HOME: cwd, XDG_DATA_HOME: cwd };
  const child = spawn(process.execPath, [prop, ...args], { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    if (/ready|listening/.test(line)) {
      child.stderr.resume();
      return child;
    }
  }
  throw new Error(`prop ${args[0]} ended:\n${said.join("\n")}`);
}

describe.skipIf(mosquittoBinary === undefined)("a manager, a broker and two proplets", () => {
  it(`run ${TASKS} tasks to their results though one proplet is killed in the middle`, async () => {
    const directory = await createWorkspace();
    const mosquitto = await startMosquitto({ binary: mosquittoBinary ?? "" });
    onTestFinished(() => mosquitto.stop());
    const httpPort = await freePort();
    const channel = ["--mqtt-address", mosquitto.address, "--domain", "lab", "--channel", "c"];
    const proplet = (id: string) =>
      start(directory, "proplet", ...channel, "--id", id, "--data", join(directory, id));
    await start(
      directory,
      "manager",
      ...channel,
      "--id",
      "m",
      "--http-port",
      String(httpPort),
      "--data",
      join(directory, "m"),
    );
    const [victim] = await Promise.all([proplet("p1"), proplet("p2")]);

    const client = createClient({ url: `http://127.0.0.1:${httpPort}` });
    const file = Buffer.from(await assemble(SUM)).toString("base64");
    const ended = new Map<
      string,
      { state: string; results: unknown; attempt: number; propletId: string | undefined }
    >();
    const following = new AbortController();
    const submitted = new Map<string, number>();
    const opened = Promise.withResolvers<void>();
    const follow = async () => {
      for await (const { event } of client.follow({ signal: following.signal, onOpen: opened.resolve })) {
        if (event.type !== "task" || !["Completed", "Failed", "Interrupted"].includes(event.state)) continue;
        const { state, results, attempt, proplet_id: propletId } = event;
        expect(ended.has(event.task_id)).toBe(false);
        ended.set(event.task_id, { state, results, attempt, propletId });
        if (ended.size === TASKS / 4) victim.kill("SIGKILL");
        if (ended.size === TASKS) return;
      }
    };
    const all = follow();
    await opened.promise;
    for (let from = 0; from < TASKS; from += 50) {
      const batch = Array.from({ length: 50 }, async (_, index) => {
        const n = from + index + 1;
        const task = await client.tasks.create({ name: "sum", file, inputs: [String(n)] }, { start: true });
        submitted.set(task.id, n);
      });
      await Promise.all(batch);
    }
    await all;
    following.abort();

    const wrong = [...submitted].filter(([id, n]) => ended.get(id)?.results !== String((n * (n + 1)) / 2));
    expect(wrong).toEqual([]);
    expect(submitted.size).toBe(TASKS);
    const by = (id: string) => [...ended.values()].filter(({ propletId }) => propletId === id).length;
    expect(by("p1") + by("p2")).toBe(TASKS);
    expect(by("p2")).toBeGreaterThan(0);
    expect(await client.proplets.get("p1")).toMatchObject({ alive: false, task_count: 0 });
  });
});
