/** Federated learning: routes that go on to a coordinator, and rounds that become tasks at proplets. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createClient } from "../../src/api/client.ts";
import { type Api, createApi } from "../../src/api/server.ts";
import type { ChangeEvent } from "../../src/model/event.ts";
import { connectInProcess } from "../../src/transport/in-process.ts";
import { joinAs } from "../support/fake-proplet.ts";
import { createInbox } from "../support/inbox.ts";
import { type Rig, startRig } from "../support/rig.ts";

interface Asked {
  route: string;
  type: string | undefined;
  body: Buffer;
}

const EXPERIMENT = {
  experiment_id: "e1",
  round_id: "r1",
  model_ref: "fl/models/v0",
  participants: ["p1", "p2", "gone"],
  hyperparams: { epochs: 2 },
  task_wasm_image: "registry.example/fl-client:1",
  k_of_n: 2,
};

let coordinator: Server;
let asked: ReturnType<typeof createInbox<Asked>>;
let answer: { status: number; type: string; body: string | Buffer; location?: string };
let rig: Rig;
let api: Api;
let events: ReturnType<typeof createInbox<ChangeEvent>>;

beforeEach(async () => {
  asked = createInbox();
  answer = { status: 200, type: "application/json", body: '{"status":"accepted"}' };
  coordinator = createServer(async (request: IncomingMessage, response) => {
    const body = await buffer(request);
    asked.put({
      route: `${request.method} ${request.url}`,
      type: request.headers["content-type"],
      body,
    });
    const location = answer.location === undefined ? {} : { location: answer.location };
    response.writeHead(answer.status, { "content-type": answer.type, ...location }).end(answer.body);
  }).listen(0, "127.0.0.1");
  await once(coordinator, "listening");
  await start(urlOf(coordinator));
});
afterEach(async () => {
  await stop();
  coordinator.closeAllConnections();
  coordinator.close();
});

async function start(coordinatorUrl?: string): Promise<void> {
  rig = await startRig(coordinatorUrl === undefined ? {} : { coordinatorUrl });
  events = createInbox();
  rig.manager.events.follow(undefined, ({ event }) => events.put(event));
  api = await createApi({ manager: rig.manager, port: 0, version: "1" });
}

async function stop(): Promise<void> {
  await api.close();
  await rig.close();
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}/`;
}

function post(path: string, body: string | Buffer, type = "application/json"): Promise<Response> {
  return fetch(`${api.url}${path}`, { method: "POST", headers: { "content-type": type }, body });
}

async function join(id: string, features: string[] = []) {
  const proplet = await joinAs({ broker: rig.broker, topics: rig.topics, id, features });
  await events.take((event) => event.type === "proplet" && event.proplet_id === id && event.alive);
  return proplet;
}

const next = () => asked.take(() => true);

test("without a coordinator every route says so, as existing managers do with a 500", async () => {
  await stop();
  await start();
  const answers = await Promise.all([
    post("/fl/experiments", "{}"),
    post("/fl/experiments", JSON.stringify(EXPERIMENT)),
    post("/fl/update", "{}"),
    fetch(`${api.url}/fl/task?round_id=r1`),
    fetch(`${api.url}/fl/rounds/r1/complete`),
  ]);
  for (const response of answers) {
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: expect.stringContaining("no coordinator") });
  }
});

test("a participant's questions reach the coordinator with their query, and its answers come back", async () => {
  answer.body = '{"task":{"round_id":"r 1"}}';
  const task = await fetch(`${api.url}/fl/task?round_id=r%201&proplet_id=p1`);
  expect(await next()).toMatchObject({ route: "GET /task?round_id=r%201&proplet_id=p1" });
  expect(await task.json()).toEqual({ task: { round_id: "r 1" } });
  answer.body = '{"status":{"completed":true}}';
  const round = await fetch(`${api.url}/fl/rounds/r%2F1/complete`);
  expect(await next()).toMatchObject({ route: "GET /rounds/r%2F1/complete" });
  expect(await round.json()).toEqual({ status: { completed: true } });
  expect((await fetch(`${api.url}/fl/task`)).status).toBe(400);
});

test("updates go through byte by byte, JSON and CBOR", async () => {
  const json = '{ "round_id": "r1",\n "update": {"w": [1.10, 2e3]} }';
  expect((await post("/fl/update", json)).status).toBe(200);
  expect(await next()).toEqual({
    route: "POST /update",
    type: "application/json",
    body: Buffer.from(json),
  });
  const cbor = Buffer.from([0xa1, 0x61, 0x61, 0xff, 0x00, 0x80]);
  expect((await post("/fl/update_cbor", cbor, "application/cbor")).status).toBe(200);
  expect(await next()).toEqual({ route: "POST /update_cbor", type: "application/cbor", body: cbor });
});

test("an update in CBOR reaches a coordinator that takes JSON alone", async () => {
  answer = { status: 501, type: "text/plain", body: "CBOR support not implemented" };
  const update = { round_id: "r1", update: { w: [1, 2] } };
  const cbor = Buffer.from("a268726f756e645f696462723166757064617465a16177820102", "hex");
  const sent = post("/fl/update_cbor", cbor, "application/cbor");
  expect(await next()).toMatchObject({ route: "POST /update_cbor" });
  const { body, ...translated } = await next();
  expect(translated).toEqual({ route: "POST /update", type: "application/json" });
  expect(JSON.parse(body.toString())).toEqual(update);
  expect((await sent).status).toBe(501);
  const broken = await post("/fl/update_cbor", Buffer.from([0x82, 1]), "application/cbor");
  expect(broken.status).toBe(400);
  expect(await broken.json()).toEqual({ error: expect.stringContaining("the CBOR is cut off") });
});

test("what is sent under another content type, or empty, is refused before anyone is asked", async () => {
  expect((await post("/fl/update", "{}", "text/plain")).status).toBe(400);
  expect((await post("/fl/update_cbor", "{}")).status).toBe(400);
  expect((await post("/fl/experiments", JSON.stringify({ ...EXPERIMENT, participants: [] }))).status).toBe(
    400,
  );
  await fetch(`${api.url}/fl/task?round_id=marker`);
  expect(await next()).toMatchObject({ route: "GET /task?round_id=marker" });
});

test("a refusal of the coordinator keeps its status, and becomes JSON where it was text", async () => {
  answer = { status: 400, type: "text/plain", body: "round_id is required\n" };
  const text = await post("/fl/update", "{}");
  expect(text.status).toBe(400);
  expect(await text.json()).toEqual({ error: "round_id is required" });
  answer = { status: 503, type: "application/json", body: '{"error":"busy","code":7}' };
  const json = await post("/fl/update", "{}");
  expect(json.status).toBe(503);
  expect(await json.json()).toEqual({ error: "busy", code: 7 });
});

test("a coordinator that redirects, or is away, is a bad gateway", async () => {
  answer = { status: 307, type: "text/plain", body: "", location: "http://127.0.0.1:1/elsewhere" };
  const redirected = await post("/fl/update", "{}");
  expect(redirected.status).toBe(502);
  expect(await redirected.json()).toEqual({ error: expect.stringContaining("redirects") });
  coordinator.closeAllConnections();
  coordinator.close();
  await once(coordinator, "close");
  const away = await post("/fl/update", "{}");
  expect(away.status).toBe(502);
  expect(await away.json()).toEqual({ error: expect.stringContaining("cannot reach the coordinator") });
});

test("an experiment goes to the coordinator, then starts a task at each participant that lives", async () => {
  const first = await join("p1");
  const second = await join("p2");
  answer = { status: 201, type: "application/json", body: '{"status":"ok","model_version":3}' };
  const response = await post("/fl/experiments", JSON.stringify(EXPERIMENT));
  // The Go SDK asks for exactly 200.
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    model_version: 3,
    experiment_id: "e1",
    round_id: "r1",
    status: "configured",
  });
  expect(await next()).toMatchObject({ route: "POST /experiments" });
  for (const proplet of [first, second]) {
    expect(await proplet.next("start")).toMatchObject({
      name: `fl-round-r1-${proplet.id}`,
      image_url: EXPERIMENT.task_wasm_image,
      proplet_id: proplet.id,
      env: { ROUND_ID: "r1", MODEL_URI: "fl/models/v0", HYPERPARAMS: '{"epochs":2}' },
    });
  }
  const { tasks } = await createClient({ url: api.url }).tasks.list();
  expect(tasks.map(({ name, mode, kind }) => `${name} ${mode} ${kind}`).sort()).toEqual([
    "fl-round-r1-p1 train standard",
    "fl-round-r1-p2 train standard",
  ]);
});

const round = { round_id: "r2", model_uri: "fl/models/v1", task_wasm_image: "registry.example/fl:1" };

test("a coordinator starts a round over MQTT; told twice, it runs once at who still works on it", async () => {
  const proplet = await join("p1");
  await proplet.send("roundStart", { ...round, participants: ["p1", "p1", "nobody"] });
  const start = await proplet.next("start");
  expect(start.env).toEqual({ ROUND_ID: "r2", MODEL_URI: "fl/models/v1" });
  await proplet.send("roundStart", { ...round, participants: ["p1"] });
  await proplet.send("roundStart", { ...round, round_id: "r3", participants: ["p1"] });
  expect(await proplet.next("start")).toMatchObject({ env: { ROUND_ID: "r3" } });
  await proplet.send("roundStart", { ...round, participants: [] });
  expect((await rig.manager.tasks.list({ offset: 0, limit: 10 })).total).toBe(2);
});

test("what a proplet of ours learnt goes to the coordinator, and over MQTT where that refuses", async () => {
  const proplet = await join("p1", ["direct", "ack"]);
  const update = '{"round_id":"r2","update":{"w":[1]}}';
  await proplet.send("roundStart", { ...round, participants: ["p1"] });
  const start = await proplet.next("start");
  await proplet.finish(start, update);
  expect(await next()).toMatchObject({ route: "POST /update", body: Buffer.from(update) });

  answer = { status: 503, type: "text/plain", body: "busy" };
  const published = createInbox<string>();
  const listener = connectInProcess(rig.broker, { clientId: "listener" });
  await listener.subscribe("fl/rounds/r3/updates/p1", ({ payload }) =>
    published.put(Buffer.from(payload).toString()),
  );
  await proplet.send("roundStart", { ...round, round_id: "r3", participants: ["p1"] });
  await proplet.finish(await proplet.next("start"), update);
  expect(await published.take(() => true)).toBe(update);
  await listener.close();
});

test("an existing proplet sends its update itself", async () => {
  const proplet = await join("p1");
  await proplet.send("roundStart", { ...round, participants: ["p1"] });
  await proplet.finish(await proplet.next("start"), { update_b64: "e30=" });
  await events.take((event) => event.type === "task" && event.state === "Completed");
  await fetch(`${api.url}/fl/task?round_id=marker`);
  expect(await next()).toMatchObject({ route: "GET /task?round_id=marker" });
});
