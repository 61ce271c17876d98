/** The manifests that existing users know, as they stand, on prop dev: images from a registry, each task where it belongs. */
import { readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { createClient, type FollowedEvent } from "../../src/api/client.ts";
import { assemble, printingText } from "../../src/engine/testing/wat.ts";
import { topicsOf } from "../../src/protocol/topics.ts";
import { createUser } from "../support/dev.ts";
import { createInbox, type Inbox } from "../support/inbox.ts";
import { pushModule, startOciRegistry } from "../support/oci-registry.ts";

const golden = join(import.meta.dirname, "../golden/manifests");
const topics = topicsOf("local", "default");
const keys = {
  "esp32-sensor": { role: "proplet", key: "key-of-the-sensor" },
  "worker-1": { role: "proplet", key: "key-of-the-worker" },
} as const;

type User = Awaited<ReturnType<typeof createUser>>;
let user: User;
let mqttUrl: string;
let events: Inbox<FollowedEvent["event"]>;
let processor: Uint8Array;

beforeEach(async () => {
  const registry = await startOciRegistry();
  onTestFinished(() => registry.close());
  processor = await assemble(printingText("sensed"));
  await pushModule(registry.url, "hello-wasm:latest", await assemble(printingText("hello")));
  await pushModule(registry.url, "sensor-processor:v1.0.0", processor);
  await pushModule(registry.url, "ml-model:v2.0.0", await assemble(printingText("a cat")));
  user = await createUser();
  await mkdir(join(user.dir, ".prop"), { mode: 0o700 });
  await writeFile(join(user.dir, ".prop/keys.json"), JSON.stringify(keys), { mode: 0o600 });
  const mirror = `registry.example.com=${registry.url}`;
  const dev = await user.startDev(user.dir, ["--port", "0", "--mqtt-port", "0", "--registry-mirror", mirror]);
  const [, url = ""] = await dev.says(/HTTP API {2}(\S+)/);
  [, mqttUrl = ""] = await dev.says(/MQTT {6}(\S+)/);
  await follow(url);
}, 60_000);

async function follow(url: string): Promise<void> {
  const ended = new AbortController();
  onTestFinished(() => ended.abort());
  const inbox = createInbox<FollowedEvent["event"]>();
  events = inbox;
  await new Promise<void>((resolve, reject) => {
    const read = async () => {
      const stream = createClient({ url }).follow({ signal: ended.signal, onOpen: resolve });
      for await (const { event } of stream) inbox.put(event);
    };
    read().catch(reject);
  });
}

const apply = (file: string, ...flags: string[]) =>
  user.prop(user.dir, ["apply", "-f", join(golden, file), ...flags]);
const completed = (taskName: string) =>
  events.take((event) => event.type === "task" && event.name === taskName && event.state === "Completed");
const status = async (kind: string, name: string) => (await user.json(user.dir, ["get", kind, name])).status;

/** Joins as an existing device does, which says nothing of what it is. */
async function joinAsSensor() {
  const id = "esp32-sensor";
  const mqtt = await connectAsync(mqttUrl, { clientId: id, username: id, password: keys[id].key });
  onTestFinished(() => mqtt.endAsync(true));
  const heard = createInbox<{ topic: string; message: Record<string, unknown> }>();
  mqtt.on("message", (topic, payload) => heard.put({ topic, message: JSON.parse(payload.toString()) }));
  await mqtt.subscribeAsync([topics.of("start"), topics.of("chunk")]);
  const send = (kind: "discovery" | "imageRequest" | "results", message: object) =>
    mqtt.publishAsync(topics.of(kind), JSON.stringify(message), { qos: 1 });
  await send("discovery", { proplet_id: id, namespace: "embedded", metadata: {} });
  return { heard, send };
}

it("hello-wasm runs on any proplet, and applying it again changes nothing", async () => {
  const first = await apply("hello-wasm.yaml");
  expect(first).toMatchObject({ exitCode: 0, stdout: "task/hello-wasm created" });
  expect(await completed("hello-world")).toMatchObject({ results: "hello" });
  expect((await apply("hello-wasm.yaml")).stdout).toBe("task/hello-wasm unchanged");
  const { stdout } = await user.prop(user.dir, ["get", "tasks"]);
  expect(stdout).toMatch(/^hello-wasm +hello-world +Completed +proplet-[12] +1 +\S+$/m);
  const printed = await user.prop(user.dir, ["get", "task", "hello-wasm", "-o", "yaml"]);
  const again = await user.prop(user.dir, ["apply", "-f", "-"], { input: printed.stdout });
  expect(again.stdout).toBe("task/hello-wasm unchanged");
}, 60_000);

it("sensor-processing waits for the declared esp32-sensor, and runs there", async () => {
  expect((await apply("sensor-processing.yaml")).stdout).toBe("task/sensor-processing created");
  expect(await status("task", "sensor-processing")).toMatchObject({ phase: "Pending" });
  const declared = await apply("esp32-sensor.yaml");
  expect(declared.stdout).toBe("proplet/esp32-sensor created");
  expect(declared.stderr).toContain("this manager hears m/local/c/default");
  expect(await status("proplet", "esp32-sensor")).toMatchObject({ phase: "Declared", deviceType: "esp32" });

  const sensor = await joinAsSensor();
  const { message: start } = await sensor.heard.take(({ topic }) => topic === topics.of("start"));
  expect(start).toMatchObject({ name: "process-sensor-data", proplet_id: "esp32-sensor" });
  await sensor.send("imageRequest", { app_name: start.image_url });
  const { message: chunk } = await sensor.heard.take(({ topic }) => topic === topics.of("chunk"));
  const data = Buffer.from(processor).toString("base64");
  expect(chunk).toMatchObject({ app_name: start.image_url, total_chunks: 1, data });
  await sensor.send("results", { task_id: start.id, results: "21.5" });

  expect(await completed("process-sensor-data")).toMatchObject({
    results: "21.5",
    proplet_id: "esp32-sensor",
  });
}, 60_000);

it("ml-inference waits for a pod with room, and runs there", async () => {
  expect((await apply("ml-inference.yaml")).stdout).toBe("task/ml-inference created");
  const { phase, message } = await status("task", "ml-inference");
  expect(phase).toBe("Pending");
  expect(message).toContain("k8s");
  const worker = ["proplet", "--mqtt-address", mqttUrl, "--id", "worker-1", "--key", keys["worker-1"].key];
  const room = ["--type", "k8s", "--cpu", "4", "--memory", "8Gi", "--data", join(user.dir, "worker")];
  await user.start(user.dir, [...worker, ...room], /worker-1/);
  expect(await completed("image-classification")).toMatchObject({ results: "a cat", proplet_id: "worker-1" });
}, 60_000);

it("my-k8s-workers is refused, with where it belongs", async () => {
  const { exitCode, stdout, stderr } = await apply("k8s-workers.yaml");
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toContain("proplet my-k8s-workers is of type k8s: pods that a Kubernetes cluster runs");
}, 60_000);

it("a folder of them is applied file by file, and deleted again; what fails keeps nothing else back", async () => {
  const all = await user.prop(user.dir, ["apply", "-f", golden, "--json"]);
  expect(all.exitCode).toBe(1);
  const { results } = JSON.parse(all.stdout);
  expect(results.map(({ name, outcome }: Record<string, string>) => `${name} ${outcome}`)).toEqual([
    "esp32-sensor created",
    "hello-wasm created",
    "my-k8s-workers failed",
    "ml-inference created",
    "sensor-processing created",
  ]);
  expect(results).toHaveLength(readdirSync(golden).length);
  const deleted = await user.prop(user.dir, ["delete", "-f", golden, "--ignore-not-found"]);
  expect(deleted).toMatchObject({ exitCode: 0 });
  expect(deleted.stdout.split("\n").sort()).toEqual([
    "proplet/esp32-sensor deleted",
    "task/hello-wasm deleted",
    "task/ml-inference deleted",
    "task/sensor-processing deleted",
  ]);
  expect(await user.prop(user.dir, ["get", "tasks"])).toMatchObject({ stdout: "", stderr: "no tasks here" });
}, 60_000);
