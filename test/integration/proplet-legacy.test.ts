/** Our proplet under a manager that speaks nothing but legacy messages (golden/legacy-proplet.jsonl). */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { assemble } from "../../src/engine/testing/wat.ts";
import { splitImage } from "../../src/protocol/chunks.ts";
import { inBase64, texts } from "./proplet-modules.ts";
import { startPeer } from "./proplet-peer.ts";

const base = { state: 0, image_url: null, cli_args: null, broadcast: false, daemon: false, encrypted: false };

async function start(text: string, name: string, inputs: string[] = [], more: object = {}) {
  return { ...base, id: "t1", name, inputs, file: await inBase64(text), proplet_id: "p1", ...more };
}

/** What one start is answered with. */
async function resultOf(message: object | string) {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", message);
  const { results, error } = await peer.result("t1");
  return { results, error };
}

test("it announces itself, then lives", async () => {
  const peer = await startPeer();
  await peer.startProplet({ metadata: { os: "linux" } });
  expect(await peer.until("discovery", () => true)).toMatchObject({
    proplet_id: "p1",
    namespace: "default",
    metadata: { os: "linux" },
  });
  expect(await peer.until("heartbeat", () => true)).toMatchObject({ proplet_id: "p1", status: "alive" });
});

describe("a start is answered with", () => {
  test.each([
    { step: "add 2 3", text: texts.add, name: "add", inputs: ["2", "3"], results: "5" },
    {
      step: "--invoke",
      text: texts.add,
      name: "x",
      inputs: ["4", "3"],
      args: ["--invoke", "add"],
      results: "7",
    },
    { step: "mixed types", text: texts.mixed, name: "mix", inputs: ["1", "0.5", "2.25"], results: "3.75" },
    { step: "two results", text: texts.two, name: "two", results: "1" },
    { step: "no result", text: texts.none, name: "none", results: "" },
    { step: "negative", text: texts.negative, name: "negative", results: "-7" },
    { step: "wasi command, other name", text: texts.hello, name: "whatever", results: "hello" },
  ])("its result: $step", async ({ text, name, inputs = [], args, results }) => {
    const message = await start(text, name, inputs, args && { cli_args: args });
    expect(await resultOf(message)).toEqual({ results, error: undefined });
  });

  test.each([
    {
      step: "too few inputs",
      text: texts.add,
      name: "add",
      inputs: ["2"],
      error: "Argument count mismatch for function 'add': expected 2 arguments but got 1",
    },
    {
      step: "inputs of the wrong type",
      text: texts.add,
      name: "add",
      inputs: ["two", "3"],
      error: "Failed to parse 'two' as i32: invalid digit found in string",
    },
    {
      step: "unknown export",
      text: texts.add,
      name: "nope",
      error:
        'Function \'nope\' not found, and fallbacks ["main", "run", "_start"] also not found in module exports. Available function exports: ["add"]',
    },
    {
      step: "trap",
      text: texts.trap,
      name: "boom",
      error: "Failed to call function 'boom': wasm trap: unreachable",
    },
    {
      step: "missing import",
      text: texts.foreign,
      name: "f",
      error: "unknown import: `env::foo` has not been defined",
    },
    { step: "exit code 7", text: texts.exit7, name: "_start", error: "exit code 7: it broke" },
  ])("its error: $step", async ({ text, name, inputs = [], error }) => {
    expect(await resultOf(await start(text, name, inputs))).toEqual({ results: "", error });
  });

  test("its environment, and the proplet's id", async () => {
    const { results } = await resultOf(await start(texts.environment, "_start", [], { env: { A: "b" } }));
    expect(String(results).split("\0").filter(Boolean).toSorted()).toEqual(["A=b", "PROPLET_ID=p1"]);
  });

  test.each([
    {
      step: "not wasm",
      more: { file: Buffer.from("hello world").toString("base64") },
      error: "not a WebAssembly module",
    },
    { step: "bad base64", more: { file: "***" }, error: "not base64" },
    { step: "neither file nor image", more: { file: null }, error: "neither file nor image_url" },
    { step: "encrypted", more: { encrypted: true }, error: "TEE runtime not available" },
    { step: "malformed", more: { inputs: "2 3" }, error: "inputs" },
  ])("why it can't be run: $step", async ({ more, error }) => {
    const answer = await resultOf(await start(texts.add, "add", ["2", "3"], more));
    expect(answer.results).toBe("");
    expect(answer.error).toContain(error);
  });
});

test("a broadcast is for everybody, what names another proplet is not", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  const add = await start(texts.add, "add", ["2", "3"]);
  await peer.send("start", { ...add, id: "other", proplet_id: "p2" });
  await peer.send("stop", { id: "x", proplet_id: "p2" });
  await peer.send("start", "not JSON");
  await peer.send("start", { ...add, id: "all", proplet_id: "", broadcast: true });
  expect(await peer.result("all")).toMatchObject({ results: "5" });
  expect(peer.all("results").map(({ task_id }) => task_id)).toEqual(["all"]);
  expect(peer.all("accepted")).toEqual([]);
});

test("a start of a task that runs is ignored, of one that ended it runs again", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  const daemon = await start(texts.loop, "loop", [], { id: "d", daemon: true });
  await peer.send("start", daemon);
  await peer.send("start", daemon);
  await peer.send("stop", { id: "d", proplet_id: "p1" });
  expect(await peer.result("d")).toMatchObject({ error: "task stopped" });
  const add = await start(texts.add, "add", ["2", "3"]);
  await peer.send("start", add);
  await peer.result("t1");
  await peer.send("start", add);
  await peer.count("results", ({ task_id }) => task_id === "t1", 2);
  expect(peer.all("results").filter(({ task_id }) => task_id === "d")).toHaveLength(1);
});

test("a latent core module stays resident and runs at each invoke", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("start", await start(texts.add, "add", ["1", "1"], { id: "f", latent: true }));
  const invoke = { id: "f", broadcast: false, proplet_id: "p1" };
  await peer.send("invoke", { ...invoke, invocation_id: "i1", inputs: ["20", "22"] });
  await peer.send("invoke", { ...invoke, invocation_id: "i2", inputs: [] });
  const answerOf = (id: string) => peer.until("invokeResults", ({ invocation_id }) => invocation_id === id);
  expect(await answerOf("i1")).toMatchObject({ task_id: "f", results: "42", proplet_id: "p1" });
  expect(await answerOf("i2")).toMatchObject({ results: "2" });
  expect(peer.all("results")).toEqual([]);
});

test("an invoke of what isn't resident says so", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  await peer.send("invoke", { id: "f", broadcast: false, proplet_id: "p1", invocation_id: "i1", inputs: [] });
  expect(await peer.until("invokeResults", () => true)).toMatchObject({
    results: "",
    error: "task f has not been precompiled; deploy it as a latent task first",
  });
});

/** A server that answers every path with a module, but /missing. */
async function serve(module: Uint8Array) {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/missing" ? 404 : 200).end(module);
  });
  onTestFinished(() => {
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a module is fetched from its URL, and why it can't be is told", async () => {
  const url = await serve(await assemble(texts.add));
  const add = await start(texts.add, "add", ["6", "7"], { file: null });
  expect(await resultOf({ ...add, image_url: `${url}/add.wasm` })).toMatchObject({ results: "13" });
  expect(await resultOf({ ...add, image_url: `${url}/missing` })).toEqual({
    results: "",
    error: `cannot fetch the module from ${url}/missing: the server answered 404 Not Found`,
  });
});

test("an image comes in chunks, in any order and repeated, and the task runs with the last of them", async () => {
  const peer = await startPeer();
  await peer.startProplet();
  const image_url = "registry.example/add:v1";
  const add = await start(texts.add, "add", ["8", "9"], { file: null, image_url });
  await peer.send("start", add);
  await peer.send("start", { ...add, id: "t2" });
  expect(await peer.until("imageRequest", () => true)).toEqual({
    app_name: image_url,
    proplet_id: expect.any(String),
  });
  const chunks = [...splitImage(await assemble(texts.add), { appName: image_url, chunkBytes: 10 })];
  const [first, ...others] = chunks.toReversed();
  for (const chunk of [first, first, ...others, ...others]) await peer.send("chunk", chunk ?? {});
  expect(await peer.result("t1")).toMatchObject({ results: "17" });
  expect(await peer.result("t2")).toMatchObject({ results: "17" });
  expect(peer.all("imageRequest")).toHaveLength(1);
});
