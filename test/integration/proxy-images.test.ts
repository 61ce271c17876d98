/** A proxy on a channel whose manager leaves images to it: both kinds of proplet, one pull for all who ask. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { addText, assemble } from "../../src/engine/testing/wat.ts";
import { assembleImage } from "../../src/protocol/chunks.ts";
import { decode } from "../../src/protocol/decode.ts";
import type { Chunk } from "../../src/protocol/messages/image.ts";
import { createProxy, type ImageProxy } from "../../src/proxy/create-proxy.ts";
import { createImageSource, type ImageSource } from "../../src/registry/client/image-source.ts";
import { openRegistryClient } from "../../src/registry/client/open-client.ts";
import { digestOf } from "../../src/registry/digest.ts";
import { openBoundedStore } from "../../src/registry/store/bounded-store.ts";
import { connectInProcess } from "../../src/transport/in-process.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { type FakeProplet, joinAs, ourFeatures } from "../support/fake-proplet.ts";
import { createInbox, type Inbox } from "../support/inbox.ts";
import { type OciRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { pushModule } from "../support/push-module.ts";
import { type Rig, startRig } from "../support/rig.ts";

const CHUNK_BYTES = 20;
const add = Buffer.from(await assemble(addText));
const chunksOfAdd = Math.ceil(add.byteLength / CHUNK_BYTES);

let registry: OciRegistry;
let rig: Rig;
let dir: string;
let images: ImageSource;
let transport: Transport;
let proxy: ImageProxy;
let warnings: Inbox<string>;
let now: number;

beforeEach(async () => {
  registry = await startOciRegistry();
  rig = await startRig();
  dir = await mkdtemp(join(tmpdir(), "prop-proxy-"));
  warnings = createInbox();
  now = 0;
  const log = { info: () => {}, warn: (message: string) => warnings.put(message), error: () => {} };
  images = createImageSource({
    ...openRegistryClient([], {}),
    store: await openBoundedStore(dir, 1_000_000),
    log,
  });
  transport = connectInProcess(rig.broker, { clientId: "proxy", qos: 1 });
  proxy = await createProxy({
    transport,
    topics: rig.topics,
    images,
    log,
    chunkBytes: CHUNK_BYTES,
    now: () => now,
  });
});
afterEach(async () => {
  await proxy.close();
  images.close();
  await transport.close();
  await rig.close();
  await registry.close();
  await rm(dir, { recursive: true });
});

const joins = (id: string, features: string[] = []) =>
  joinAs({ broker: rig.broker, topics: rig.topics, id, features });

async function receive(proplet: FakeProplet): Promise<{ image: Uint8Array; chunks: Chunk[] }> {
  const assembly = assembleImage(1_000_000);
  const chunks: Chunk[] = [];
  for (;;) {
    const decoded = decode.chunk(Buffer.from(JSON.stringify(await proplet.next("chunk"))));
    if (!decoded.ok) throw new Error(decoded.reason);
    chunks.push(decoded.message);
    const state = assembly.add(decoded.message);
    if (state.state === "complete") return { image: state.image, chunks };
  }
}

it("brings an existing proplet the tag it asked for, on the topic that all hear, in the words it knows", async () => {
  await pushModule(registry.url, "add:1", add);
  await pushModule(registry.url, "add:latest", Buffer.concat([add, Buffer.from([0, 2, 1, 120])]));
  const proplet = await joins("legacy");
  await proplet.send("imageRequest", { app_name: `${registry.host}/add:1` });
  const { image, chunks } = await receive(proplet);
  expect(Buffer.from(image)).toEqual(add);
  expect(chunks.map(({ chunk_idx }) => chunk_idx)).toEqual(Array.from({ length: chunksOfAdd }, (_, n) => n));
  expect(chunks[0]).not.toHaveProperty("digest");
});

it("brings one of ours its chunks alone, says what they are, and sends only those that it lacks", async () => {
  await pushModule(registry.url, "add:1", add);
  const [ours, other] = [await joins("ours", ourFeatures), await joins("other", ourFeatures)];
  const request = { app_name: `${registry.host}/add:1`, proplet_id: "ours" };
  await ours.send("imageRequest", request);
  const { image, chunks } = await receive(ours);
  expect(Buffer.from(image)).toEqual(add);
  expect(chunks[0]?.digest).toBe(digestOf(add));
  const have = chunks.map(({ chunk_idx }) => chunk_idx).slice(0, -1);
  await ours.send("imageRequest", { ...request, digest: digestOf(add), have_chunks: have });
  expect(await ours.next("chunk")).toMatchObject({ chunk_idx: chunksOfAdd - 1 });
  await ours.send("imageRequest", { ...request, digest: digestOf(Buffer.from("before")), have_chunks: have });
  expect((await receive(ours)).chunks).toHaveLength(chunksOfAdd);
  expect(other.inbox.items.filter(({ kind }) => kind === "chunk")).toEqual([]);
});

it("pulls an image once, however many ask for it", async () => {
  await pushModule(registry.url, "add:1", add);
  const proplets = await Promise.all(Array.from({ length: 30 }, (_, n) => joins(`p${n}`, ourFeatures)));
  await Promise.all(
    proplets.map((one) =>
      one.send("imageRequest", { app_name: `${registry.host}/add:1`, proplet_id: one.id }),
    ),
  );
  const received = await Promise.all(proplets.map(receive));
  expect(received.every(({ image }) => digestOf(image) === digestOf(add))).toBe(true);
  const pulls = registry.requests.filter(
    ({ method, path }) => method === "GET" && path.includes(digestOf(add)),
  );
  expect(pulls).toHaveLength(1);
});

it("says what it can't bring, asks the registry no oftener than every few seconds, and brings it once it is there", async () => {
  const proplet = await joins("ours", ourFeatures);
  const request = { app_name: `${registry.host}/late:1`, proplet_id: "ours" };
  await proplet.send("imageRequest", request);
  expect(await warnings.take(() => true)).toContain("late:1");
  const asked = registry.requests.length;
  await proplet.send("imageRequest", request);
  await warnings.take(() => true);
  expect(registry.requests).toHaveLength(asked);
  await pushModule(registry.url, "late:1", add);
  now += 5_001;
  await proplet.send("imageRequest", request);
  expect(Buffer.from((await receive(proplet)).image)).toEqual(add);
});
