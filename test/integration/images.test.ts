/** Modules from registries: found by the manager, brought to proplets of both kinds, once for all who ask. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { addText, assemble } from "../../src/engine/testing/wat.ts";
import type { ChangeEvent } from "../../src/model/event.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { assembleImage } from "../../src/protocol/chunks.ts";
import { decode } from "../../src/protocol/decode.ts";
import type { Chunk } from "../../src/protocol/messages/image.ts";
import { parseMirrors } from "../../src/registry/client/endpoint.ts";
import { createImageSource } from "../../src/registry/client/image-source.ts";
import { createAskRegistry } from "../../src/registry/client/request.ts";
import { digestOf } from "../../src/registry/digest.ts";
import { openBoundedStore } from "../../src/registry/store/bounded-store.ts";
import { createUser } from "../support/dev.ts";
import { type FakeProplet, joinAs, ourFeatures } from "../support/fake-proplet.ts";
import { freePort } from "../support/free-port.ts";
import { createInbox, type Inbox } from "../support/inbox.ts";
import { type OciRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { pushModule } from "../support/push-module.ts";
import { type Rig, silentLog, startRig } from "../support/rig.ts";

const CHUNK_BYTES = 512_000;
const add = Buffer.from(await assemble(addText));
/** Three chunks of it. */
const large = Buffer.concat([add.subarray(0, 8), custom(1_200_000)]);

let registry: OciRegistry;
let rig: Rig;
let events: Inbox<ChangeEvent>;

beforeEach(async () => {
  registry = await startOciRegistry();
  rig = await startRig({ images: await createImages(), acceptTimeoutMs: 60_000 });
  events = createInbox();
  rig.manager.events.follow(undefined, ({ event }) => events.put(event));
});
afterEach(async () => {
  await rig.close();
  await registry.close();
});

async function createImages() {
  const dir = await mkdtemp(join(tmpdir(), "prop-images-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const source = createImageSource({
    ask: createAskRegistry({ pauseMs: 1, tries: 2 }),
    mirrors: parseMirrors([]),
    store: await openBoundedStore(dir, 10_000_000),
    log: silentLog,
  });
  onTestFinished(() => source.close());
  return source;
}

/** A custom section, which any engine passes over. */
function custom(length: number): Buffer {
  const size = length - 5;
  const section = Buffer.alloc(length, 7);
  section[0] = 0;
  for (let byte = 0; byte < 4; byte++)
    section[1 + byte] = ((size >> (7 * byte)) & 0x7f) | (byte < 3 ? 0x80 : 0);
  section[5] = 1;
  section[6] = 0x78;
  return section;
}

const joinChannel = (id: string, options = {}) =>
  joinAs({ broker: rig.broker, topics: rig.topics, id, ...options });
const ours = (id: string) => joinChannel(id, { features: ourFeatures, bootId: `${id}-1` });
const run = (input: object) =>
  rig.manager.tasks.create({ name: "add", inputs: ["1", "2"], ...input }, { start: true });
const reached = (taskId: string, state: string) =>
  events.take((event) => event.type === "task" && event.task_id === taskId && event.state === state);

/** All chunks of an image that come to a proplet, put together. */
async function receive(proplet: FakeProplet): Promise<{ image: Uint8Array; chunks: Chunk[] }> {
  const assembly = assembleImage(10_000_000);
  const chunks: Chunk[] = [];
  for (;;) {
    const decoded = decode.chunk(Buffer.from(JSON.stringify(await proplet.next("chunk"))));
    if (!decoded.ok) throw new Error(decoded.reason);
    chunks.push(decoded.message);
    const state = assembly.add(decoded.message);
    if (state.state === "complete") return { image: state.image, chunks };
    if (state.state === "refused") throw new Error(state.reason);
  }
}

describe("a task with a reference in a registry", () => {
  it("goes to one of ours with the digest of its module, which the manager brings in chunks", async () => {
    await pushModule(registry.url, "team/add:1.0", large);
    const proplet = await ours("p1");
    const reference = `${registry.host}/team/add:1.0`;
    const task = await run({ image_url: reference });
    const start = await proplet.next("start");
    const digest = digestOf(large);
    expect(start).toMatchObject({ image_url: reference, digest, size: large.byteLength });
    await proplet.send("imageRequest", { app_name: reference, digest, proplet_id: "p1" });
    const { image, chunks } = await receive(proplet);
    expect(Buffer.compare(image, large)).toBe(0);
    expect(chunks.map((chunk) => chunk.total_chunks)).toEqual([3, 3, 3]);
    expect(Buffer.from(chunks[0]?.data ?? "", "base64").byteLength).toBe(CHUNK_BYTES);
    await proplet.finish(start, "3");
    await reached(task.id, "Completed");
  });

  it("goes to a legacy proplet in the recorded words, and its chunks on the shared topic", async () => {
    await pushModule(registry.url, "add:1.0", large);
    const proplet = await joinChannel("legacy");
    const reference = `${registry.host}/add:1.0`;
    await run({ image_url: reference });
    const start = await proplet.next("start");
    expect(start).toMatchObject({ image_url: reference, name: "add" });
    for (const field of ["digest", "size", "file", "attempt"]) expect(start).not.toHaveProperty(field);
    await proplet.send("imageRequest", { app_name: reference });
    const { image, chunks } = await receive(proplet);
    expect(Buffer.compare(image, large)).toBe(0);
    expect(Object.keys(chunks[0] ?? {}).sort()).toEqual([
      "app_name",
      "chunk_idx",
      "data",
      "kind",
      "total_chunks",
    ]);
  });

  it("runs what its tag stood for when the run began, in each attempt; the next run looks again", async () => {
    await pushModule(registry.url, "add:1.0", add);
    const proplet = await ours("p1");
    const task = await run({ image_url: `${registry.host}/add:1.0` });
    const first = await proplet.next("start");
    await pushModule(registry.url, "add:1.0", large);
    await proplet.offline();
    await reached(task.id, "Pending");
    const other = await ours("p2");
    const second = await other.next("start");
    expect([first.digest, second.digest]).toEqual([digestOf(add), digestOf(add)]);
    await other.finish(second, "3");
    await reached(task.id, "Completed");
    await rig.manager.tasks.start(task.id);
    expect(await other.next("start")).toMatchObject({ digest: digestOf(large) });
  });

  it("fails at once with the registry's own words where the image is not there", async () => {
    await ours("p1");
    const task = await run({ image_url: `${registry.host}/add:9` });
    await reached(task.id, "Failed");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({
      state: TaskState.Failed,
      attempt: 0,
      error: `image ${registry.host}/add:9 is not in the registry ${registry.host}: MANIFEST_UNKNOWN: manifest unknown`,
    });
  });

  it("fails at once where its module is not what its digest says, and says what it had", async () => {
    await pushModule(registry.url, "add:1", add);
    registry.failOn(({ path }) => (path.includes("/blobs/") ? { type: "flip" } : undefined));
    const task = await run({ image_url: `${registry.host}/add:1` });
    await reached(task.id, "Failed");
    const flipped = Buffer.from(add);
    flipped[0] = 1;
    const { error } = await rig.manager.tasks.get(task.id);
    expect(error).toContain(`is not ${digestOf(add)}, but ${digestOf(flipped)}`);
  });

  it("fails at once where its reference is none", async () => {
    const task = await run({ image_url: "Not A Reference" });
    await reached(task.id, "Failed");
    expect((await rig.manager.tasks.get(task.id)).error).toMatch(/image reference "Not A Reference": /);
  });

  it("waits and says why while the registry can't be reached, holds up nobody, and runs once it can", async () => {
    const port = await freePort();
    const proplet = await ours("p1");
    const task = await run({ image_url: `127.0.0.1:${port}/add:1` });
    const told = await events.take(
      (event) => event.type === "task" && event.task_id === task.id && event.reason !== undefined,
    );
    expect(told).toMatchObject({ state: "Pending", reason: expect.stringContaining("ECONNREFUSED") });
    const other = await run({ file: add.toString("base64") });
    expect(await proplet.next("start")).toMatchObject({ id: other.id });
    const late = await startOciRegistry({ port });
    onTestFinished(() => late.close());
    await pushModule(late.url, "add:1", add);
    expect(await proplet.next("start")).toMatchObject({ id: task.id, digest: digestOf(add) });
  });

  it("can be stopped while it waits for its image", async () => {
    const port = await freePort();
    const task = await run({ image_url: `127.0.0.1:${port}/add:1` });
    await rig.manager.tasks.stop(task.id);
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Interrupted });
  });

  it("that waits is found out again by a manager that restarts", async () => {
    await pushModule(registry.url, "add:1", add);
    const task = await run({ image_url: `${registry.host}/add:1` });
    await rig.restart();
    const proplet = await ours("p1");
    expect(await proplet.next("start")).toMatchObject({ id: task.id, digest: digestOf(add) });
  });

  it("goes as it is where its image is a URL", async () => {
    const proplet = await ours("p1");
    await run({ image_url: "http://127.0.0.1:1/add.wasm" });
    expect(await proplet.next("start")).not.toHaveProperty("digest");
  });
});

describe("many proplets", () => {
  it("that want one image cost one pull, and each gets it", async () => {
    await pushModule(registry.url, "add:1", large);
    registry.requests.length = 0;
    const proplets = await Promise.all(Array.from({ length: 200 }, (_, index) => ours(`p${index}`)));
    const reference = `${registry.host}/add:1`;
    const digest = digestOf(large);
    await Promise.all(
      proplets.map(async (proplet) => {
        await run({ image_url: reference, proplet_id: proplet.id });
        await proplet.next("start");
        await proplet.send("imageRequest", { app_name: reference, digest, proplet_id: proplet.id });
        const { image } = await receive(proplet);
        expect(digestOf(image)).toBe(digest);
      }),
    );
    expect(registry.requests.filter(({ path }) => path.includes("/blobs/"))).toHaveLength(1);
    expect(registry.requests.filter(({ method }) => method === "GET")).toHaveLength(2);
  });

  it("that are legacy ones are answered together", async () => {
    await pushModule(registry.url, "add:1", large);
    const proplets = await Promise.all(Array.from({ length: 20 }, (_, index) => joinChannel(`l${index}`)));
    const reference = `${registry.host}/add:1`;
    await run({ image_url: reference, broadcast: true });
    await Promise.all(proplets.map((proplet) => proplet.next("start")));
    const received = proplets.map((proplet) => receive(proplet));
    await Promise.all(proplets.map((proplet) => proplet.send("imageRequest", { app_name: reference })));
    for (const { image } of await Promise.all(received)) expect(digestOf(image)).toBe(digestOf(large));
    const last = proplets.at(-1);
    // Those who came while it was sent may have missed its beginning: it is sent once more for all of them.
    const extra = last?.inbox.items.filter(({ kind }) => kind === "chunk").length ?? 0;
    expect(extra).toBeLessThanOrEqual(3);
  });
});

it("a reference that no task here runs is not pulled, whoever asks for it", async () => {
  await pushModule(registry.url, "add:1", add);
  await pushModule(registry.url, "other:1", add);
  registry.requests.length = 0;
  const proplet = await joinChannel("legacy");
  await run({ image_url: `${registry.host}/add:1` });
  await proplet.next("start");
  await proplet.send("imageRequest", { app_name: `${registry.host}/other:1` });
  await proplet.send("imageRequest", { app_name: `${registry.host}/add:1` });
  await receive(proplet);
  expect(registry.requests.some(({ path }) => path.includes("other"))).toBe(false);
});

it("a broadcast goes to proplets of both kinds with the same module", async () => {
  await pushModule(registry.url, "add:1", add);
  const proplets = [await ours("p1"), await ours("p2"), await joinChannel("legacy")];
  const task = await run({ image_url: `${registry.host}/add:1`, broadcast: true });
  const starts = await Promise.all(proplets.map((proplet) => proplet.next("start")));
  expect(starts.map(({ digest }) => digest)).toEqual([digestOf(add), digestOf(add), undefined]);
  expect(await rig.manager.tasks.get(task.id)).toMatchObject({ image: { digest: digestOf(add) } });
});

it("prop dev and prop manager refuse a mirror that is none, and say how to write one", async () => {
  const user = await createUser();
  for (const args of [
    ["dev", "--ephemeral"],
    ["manager", "--pull-images"],
  ]) {
    const refused = await user.prop(user.dir, [...args, "--registry-mirror", "registry.example.com"]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/registry mirror "registry\.example\.com": .*\n.*=http:\/\/127/s);
  }
});

it("prop dev runs a task whose image is in a registry, by the mirror that was named", async () => {
  await pushModule(registry.url, "team/add:1.0", add, "docker");
  const user = await createUser();
  await user.startDev(user.dir, ["--registry-mirror", `registry.example.com=${registry.url}`]);
  const args = ["tasks", "create", "add", "20", "22", "--image", "registry.example.com/team/add:1.0"];
  const created = await user.prop(user.dir, [...args, "--start"]);
  expect(created.exitCode).toBe(0);
  const get = () => user.json(user.dir, ["tasks", "get", created.stdout]);
  await expect.poll(get).toMatchObject({ state: TaskState.Completed });
  expect(await get()).toMatchObject({ results: "42", image_digest: digestOf(add) });
});
