/** What our proplet adds to the contract: acks, attempts, digests, results that are never lost. */
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { assemble } from "../../src/engine/testing/wat.ts";
import { splitImage } from "../../src/protocol/chunks.ts";
import { digestOf } from "../../src/registry/digest.ts";
import { createContentStore } from "../../src/registry/store/content-store.ts";
import { connectMqtt } from "../../src/transport/mqtt.ts";
import { inBase64, texts } from "./proplet-modules.ts";
import { type Peer, startPeer } from "./proplet-peer.ts";

const start = async (text: string, name: string, more: object = {}) => ({
  id: "t1",
  name,
  attempt: 1,
  file: await inBase64(text),
  ...more,
});
const add = (more: object = {}) => start(texts.add, "add", { inputs: ["2", "3"], ...more });
const mine = ({ task_id }: { task_id: string }) => task_id === "t1";

/** Runs a task, so that everything sent before it was heard. */
async function settle(peer: Peer, id = "last") {
  await peer.send("start", await add({ id }), "p1");
  await peer.result(id);
}

test("it tells what it can do", async () => {
  const peer = await startPeer();
  const proplet = await peer.startProplet({ capacity: { slots: 3, device_type: "server" } });
  expect(await peer.until("discovery", () => true)).toMatchObject({
    features: ["direct", "ack", "digest"],
    capacity: { slots: 3, device_type: "server" },
    boot_id: proplet.bootId,
  });
});

test("a start is acknowledged, then answered, both with its attempt", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", await add({ attempt: 4 }), "p1");
  expect(await peer.result("t1")).toMatchObject({ results: "5", attempt: 4, proplet_id: "p1" });
  expect(peer.all("accepted")).toEqual([{ task_id: "t1", attempt: 4, proplet_id: "p1" }]);
});

test("a start that comes again while the task runs is acknowledged again and runs once", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  const loop = await start(texts.loop, "loop");
  await peer.send("start", loop, "p1");
  await peer.send("start", loop, "p1");
  await peer.count("accepted", mine, 2);
  await peer.send("stop", { id: "t1", attempt: 1 }, "p1");
  expect(await peer.result("t1")).toMatchObject({ error: "task stopped", attempt: 1 });
  await settle(peer);
  expect(peer.all("results").filter(mine)).toHaveLength(1);
});

test("a start that comes again after the end is answered with the same result, and after its receipt handed back", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", await add(), "p1");
  await peer.result("t1");
  await peer.send("start", await start(texts.trap, "boom"), "p1");
  const [, again] = await peer.count("results", mine, 2);
  expect(again).toMatchObject({ results: "5" });
  await peer.send("received", { task_id: "t1", attempt: 1 }, "p1");
  await peer.send("start", await add(), "p1");
  const [, , late] = await peer.count("results", mine, 3);
  expect(late).toMatchObject({ attempt: 1, handed_back: true });
  expect(peer.all("accepted").filter(mine)).toHaveLength(1);
});

test("a later attempt ends the earlier one, and an earlier one comes too late", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", await start(texts.loop, "loop", { attempt: 2 }), "p1");
  await peer.send("start", await add({ attempt: 1 }), "p1");
  await peer.send("start", await add({ attempt: 3 }), "p1");
  const [second, third] = await peer.count("results", mine, 2);
  expect(second).toMatchObject({ attempt: 2, error: "task stopped" });
  expect(third).toMatchObject({ attempt: 3, results: "5" });
});

test("no more tasks run at once than there are slots, the others wait in their order", async () => {
  const peer = await startPeer();
  await peer.startProplet({ capacity: { slots: 1 } });
  await peer.send("start", await start(texts.loop, "loop", { id: "loop" }), "p1");
  await peer.send("start", await add({ id: "a" }), "p1");
  await peer.send("start", await add({ id: "b" }), "p1");
  await peer.count("accepted", () => true, 3);
  expect(peer.all("results")).toEqual([]);
  await peer.send("stop", { id: "loop", attempt: 1 }, "p1");
  const ended = await peer.count("results", () => true, 3);
  expect(ended.map(({ task_id }) => task_id)).toEqual(["loop", "a", "b"]);
});

test("a stop ends what waits, and tells what isn't here", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", await start(texts.loop, "loop", { id: "loop" }), "p1");
  await peer.send("start", await add({ id: "waiting" }), "p1");
  await peer.send("stop", { id: "waiting", attempt: 1 }, "p1");
  expect(await peer.result("waiting")).toMatchObject({ error: "task stopped" });
  await peer.send("stop", { id: "gone", attempt: 2 }, "p1");
  expect(await peer.result("gone")).toMatchObject({ attempt: 2, error: "task gone is not running here" });
});

test("limits of the task hold", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", await start(texts.loop, "loop", { limits: { wall_time_ms: 20 } }), "p1");
  expect((await peer.result("t1")).error).toContain("stopped after 20 ms");
});

test("results of the parents reach the module", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", await start(texts.environment, "_start", { parent_results: { a: "5" } }), "p1");
  expect(String((await peer.result("t1")).results)).toContain('PARENT_RESULTS={"a":"5"}');
});

test("a module that is on disk isn't asked for", async () => {
  const peer = await startPeer();
  const digest = await createContentStore(join(peer.dataDir, "modules")).put(await assemble(texts.add));
  await peer.startProplet();
  await peer.send("start", await add({ file: undefined, digest }), "p1");
  expect(await peer.result("t1")).toMatchObject({ results: "5" });
  expect(peer.all("imageRequest")).toEqual([]);
});

test("a module that isn't is asked for once, missing chunks again, and kept", async () => {
  const peer = await startPeer();
  await peer.startProplet({ imageRetryMs: 20 });
  const bytes = await assemble(texts.add);
  const digest = digestOf(bytes);
  await peer.send("start", await add({ file: undefined, digest }), "p1");
  await peer.send("start", await add({ id: "t2", file: undefined, digest }), "p1");
  const asked = await peer.until("imageRequest", () => true);
  expect(asked).toEqual({ app_name: digest, digest, proplet_id: "p1" });
  const [first, ...others] = splitImage(bytes, { appName: digest, digest, chunkBytes: 10 });
  await peer.send("chunk", first ?? {}, "p1");
  await peer.until("imageRequest", ({ have_chunks }) => have_chunks?.join() === "0");
  for (const chunk of others) await peer.send("chunk", chunk, "p1");
  expect(await peer.result("t1")).toMatchObject({ results: "5" });
  expect(await peer.result("t2")).toMatchObject({ results: "5" });
  expect(await createContentStore(join(peer.dataDir, "modules")).get(digest)).toEqual(Buffer.from(bytes));
});

test("a module with another digest never runs, and one that doesn't come is an error in the end", async () => {
  const peer = await startPeer();
  await peer.startProplet({ imageRetryMs: 5 });
  const digest = digestOf(await assemble(texts.trap));
  await peer.send("start", await add({ digest }), "p1");
  expect((await peer.result("t1")).error).toContain(`expected ${digest}`);
  await peer.send("start", await add({ id: "t2", file: undefined, digest }), "p1");
  for (const chunk of splitImage(await assemble(texts.add), { appName: digest, digest })) {
    await peer.until("imageRequest", () => true);
    await peer.send("chunk", chunk, "p1");
  }
  expect((await peer.result("t2")).error).toContain(`what came is not ${digest}`);
});

test("a latent task is acknowledged when it is ready, and one that can't be made ready fails", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", await add({ id: "f", latent: true }), "p1");
  await peer.send("start", await start(texts.foreign, "f", { id: "g", latent: true }), "p1");
  await peer.until("accepted", ({ task_id }) => task_id === "f");
  expect((await peer.result("g")).error).toContain("env::foo");
  expect(peer.all("accepted").map(({ task_id }) => task_id)).toEqual(["f"]);
});

test("an invocation has its own stdin and environment, and runs once though it comes twice", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", await start(texts.echo, "_start", { id: "echo", latent: true }), "p1");
  await peer.send(
    "start",
    await start(texts.environment, "_start", { id: "env", latent: true, env: { A: "1", B: "1" } }),
    "p1",
  );
  const stdin = Buffer.from("hello").toString("base64");
  for (const _ of [1, 2]) await peer.send("invoke", { id: "echo", invocation_id: "i1", stdin }, "p1");
  await peer.send("invoke", { id: "env", invocation_id: "i2", env: { B: "2" } }, "p1");
  const answerOf = (id: string) => peer.until("invokeResults", ({ invocation_id }) => invocation_id === id);
  const { results } = await answerOf("i2");
  expect(String(results).split("\0").filter(Boolean).toSorted()).toEqual(["A=1", "B=2", "PROPLET_ID=p1"]);
  expect(await answerOf("i1")).toMatchObject({ results: "hello" });
  expect(peer.all("invokeResults")).toHaveLength(2);
});

test("a latent task that was stopped is resident no more", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", await add({ latent: true }), "p1");
  await peer.until("accepted", mine);
  await peer.send("stop", { id: "t1", attempt: 1 }, "p1");
  expect(await peer.result("t1")).toMatchObject({ error: "task stopped" });
  await peer.send("invoke", { id: "t1", invocation_id: "i1", inputs: ["1", "1"] }, "p1");
  expect((await peer.until("invokeResults", () => true)).error).toContain("has not been precompiled");
});

test("a result is sent again until it is received", async () => {
  const peer = await startPeer();
  await peer.startProplet({ resendMs: 10 });
  await peer.send("start", await add(), "p1");
  const sent = await peer.count("results", mine, 3);
  expect(new Set(sent.map((one) => JSON.stringify(one)))).toHaveLength(1);
});

test("a proplet that starts again sends what its last run could not hand over, before it says hello", async () => {
  const peer = await startPeer();
  const first = await peer.startProplet();
  await peer.send("start", await add(), "p1");
  await peer.send("start", await add({ id: "got" }), "p1");
  await peer.count("results", () => true, 2);
  await peer.send("received", { task_id: "got", attempt: 1 }, "p1");
  await settle(peer);
  await first.close({ graceMs: 0 });
  await appendFile(join(peer.dataDir, "outbox.jsonl"), '{"result":{"task_id":"torn"');
  const second = await peer.startProplet();
  expect(second.bootId).not.toBe(first.bootId);
  const [, again] = await peer.count("results", mine, 2);
  expect(again).toMatchObject({ results: "5", attempt: 1 });
  expect(peer.all("results").filter(({ task_id }) => task_id === "got")).toHaveLength(1);
  await peer.send("received", { task_id: "t1", attempt: 1 }, "p1");
  await settle(peer, "more");
  await second.close({ graceMs: 0 });
  expect(await readFile(join(peer.dataDir, "outbox.jsonl"), "utf8")).not.toContain("torn");
});

test("what ends while the broker is away is told when it is back", async () => {
  const before = await startPeer();
  const transport = await connectMqtt({ address: `tcp://127.0.0.1:${before.port}`, clientId: "p1" });
  onTestFinished(() => transport.close());
  await before.startProplet({ transport });
  await before.send("start", await start(texts.loop, "loop", { limits: { wall_time_ms: 50 } }), "p1");
  await before.until("accepted", mine);
  await before.crash();
  const after = await startPeer({ port: before.port });
  expect(await after.result("t1")).toMatchObject({ attempt: 1, error: expect.stringContaining("50 ms") });
  await after.until("discovery", ({ proplet_id }) => proplet_id === "p1");
});

/** With its module ready, a task runs from the moment it is accepted. */
async function warm(peer: Peer) {
  await peer.send(
    "start",
    await start(texts.loop, "loop", { id: "warm", limits: { wall_time_ms: 1 } }),
    "p1",
  );
  await peer.result("warm");
  await peer.send("received", { task_id: "warm" }, "p1");
}

test("close waits for what runs, hands back what waits or comes, and says that it is gone", async () => {
  const peer = await startPeer();
  const proplet = await peer.startProplet();
  await warm(peer);
  await peer.send("start", await start(texts.loop, "loop", { limits: { wall_time_ms: 100 } }), "p1");
  await peer.send("start", await add({ id: "queued" }), "p1");
  await peer.count("accepted", () => true, 3);
  const closed = proplet.close({ graceMs: 60_000 });
  await peer.until("heartbeat", ({ draining }) => draining === true);
  await peer.send("start", await add({ id: "late" }), "p1");
  expect(await peer.result("queued")).toMatchObject({ attempt: 1, handed_back: true });
  expect(await peer.result("late")).toMatchObject({ attempt: 1, handed_back: true });
  await closed;
  const offline = await peer.until("heartbeat", ({ status }) => status === "offline");
  expect(offline).toMatchObject({ proplet_id: "p1", namespace: "default" });
  expect((await peer.result("t1")).error).toContain("stopped after 100 ms");
});

test("close stops what runs on, and hands it back to a manager that counts attempts", async () => {
  const peer = await startPeer();
  const proplet = await peer.startProplet();
  await warm(peer);
  await peer.send("start", await start(texts.loop, "loop"), "p1");
  await peer.send("start", await start(texts.loop, "loop", { id: "legacy", attempt: undefined }), "p1");
  await peer.until("accepted", mine);
  await proplet.close({ graceMs: 0 });
  await peer.until("heartbeat", ({ status }) => status === "offline");
  const told = peer.all("results").filter(({ task_id }) => task_id !== "warm");
  expect(told).toMatchObject([
    { task_id: "legacy", error: "task stopped" },
    { task_id: "t1", attempt: 1, handed_back: true },
  ]);
  expect(told[0]).not.toHaveProperty("handed_back");
});

test("metrics come in the shape of the contract", async () => {
  const peer = await startPeer();
  await peer.startProplet({ metricsIntervalMs: 10 });
  expect(await peer.until("propletMetrics", () => true)).toEqual({
    proplet_id: "p1",
    namespace: "default",
    timestamp: { secs_since_epoch: expect.any(Number), nanos_since_epoch: expect.any(Number) },
    cpu_metrics: {
      user_seconds: expect.any(Number),
      system_seconds: expect.any(Number),
      percent: expect.any(Number),
    },
    memory_metrics: {
      rss_bytes: expect.any(Number),
      heap_alloc_bytes: expect.any(Number),
      heap_sys_bytes: expect.any(Number),
      heap_inuse_bytes: expect.any(Number),
    },
  });
});
