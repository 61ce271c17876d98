/** `prop proplet` as a process: how it starts, survives and ends. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { createBroker } from "../../src/broker/broker.ts";
import { authenticateFrom } from "../../src/broker/credentials.ts";
import { freePort } from "../support/free-port.ts";

import { inBase64, texts } from "./proplet-modules.ts";
import { startPeer, topics } from "./proplet-peer.ts";

const entry = resolve(import.meta.dirname, "../../bin/dev.js");
const channel = ["--domain", "d", "--channel", "x"];

async function emptyDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "prop-proplet-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function proplet(args: string[], env: Record<string, string>, cwd: string) {
  const child = execa(process.execPath, [entry, "proplet", ...args], {
    cwd,
    env,
    reject: false,
    stdin: "ignore",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test("it runs tasks until SIGTERM, and keeps its id for the next time", async () => {
  const peer = await startPeer();
  const cwd = await emptyDir();
  const env = {
    PROPLET_MQTT_ADDRESS: `tcp://127.0.0.1:${peer.port}`,
    XDG_DATA_HOME: cwd,
    PROPLET_TAGS: "a, b",
  };
  const first = proplet(channel, env, cwd);
  const { proplet_id, metadata } = await peer.until("discovery", () => true);
  expect(metadata).toMatchObject({ tags: ["a", "b"] });
  const file = await inBase64(texts.add);
  await peer.send("start", { id: "t1", name: "add", inputs: ["2", "3"], file, attempt: 1 }, proplet_id);
  expect(await peer.result("t1")).toMatchObject({ results: "5", proplet_id });
  first.kill("SIGTERM");
  expect(await first).toMatchObject({ exitCode: 0, stdout: "" });
  await peer.until("heartbeat", ({ status }) => status === "offline");

  proplet(channel, env, cwd);
  await peer.count("discovery", (one) => one.proplet_id === proplet_id, 2);
  await peer.count("results", ({ attempt }) => attempt === 1, 2);
});

test("a manager hears of its death", async () => {
  const peer = await startPeer();
  const cwd = await emptyDir();
  const args = [...channel, "--mqtt-address", `tcp://127.0.0.1:${peer.port}`, "--id", "p9", "--data", cwd];
  const child = proplet(args, {}, cwd);
  await peer.until("discovery", ({ proplet_id }) => proplet_id === "p9");
  child.kill("SIGKILL");
  await peer.until("heartbeat", ({ status, proplet_id }) => status === "offline" && proplet_id === "p9");
});

test("it says once that the broker isn't there, and takes SIGINT meanwhile", async () => {
  const cwd = await emptyDir();
  const child = proplet(["--mqtt-address", `tcp://127.0.0.1:${await freePort()}`, "--data", cwd], {}, cwd);
  await once(child.stderr, "data");
  child.kill("SIGINT");
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(0);
  expect(stderr.match(/cannot reach the MQTT broker/g)).toHaveLength(1);
});

test("its identity is read from config.toml; a wrong key ends it with the reason", async () => {
  const authenticate = authenticateFrom(new Map([["p7", { key: "right", role: "proplet" }]]));
  const broker = await createBroker({ port: 0, baseTopic: topics.base, authenticate });
  onTestFinished(() => broker.close());
  const cwd = await emptyDir();
  const config = 'tenant_id = "d"\nchannel_id = "x"\nentity_id = "p7"\napi_key = "wrong"\n';
  await writeFile(join(cwd, "config.toml"), `[proplet]\n${config}`);
  const child = proplet(["--mqtt-address", `tcp://127.0.0.1:${broker.port}`, "--data", cwd], {}, cwd);
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(1);
  expect(stderr).toContain('refused the key of "p7"');
});

test("a duration that is none is bad usage", async () => {
  const cwd = await emptyDir();
  const { exitCode, stderr } = await proplet([], { PROPLET_LIVELINESS_INTERVAL: "soon" }, cwd);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('"soon" is not a duration');
});
