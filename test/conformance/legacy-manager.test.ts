/** Replays the record of the legacy manager against ours, step by step, in order. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApi } from "../../src/api/server.ts";
import type { RecordedEvent } from "../../src/model/event.ts";
import { type FakeProplet, joinAs } from "../support/fake-proplet.ts";
import { createInbox } from "../support/inbox.ts";
import { differences, fill, type Ids, type Recorded, readRecording } from "../support/recording.ts";
import { type Rig, startRig } from "../support/rig.ts";

const ADD = Buffer.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0,
  10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11,
]).toString("base64");
const PROFILE = {
  enabled: true,
  interval: 5,
  collect_cpu: true,
  collect_memory: true,
  export_to_mqtt: true,
  retain_history: true,
  history_size: 10,
};
const EVERY_FIELD = {
  name: "all",
  image_url: "docker.io/x/y:v1",
  cli_args: ["--invoke", "f"],
  inputs: [3],
  env: { A: "b" },
  daemon: true,
  monitoring_profile: PROFILE,
  mode: "infer",
  priority: 7,
  metadata: { team: "x", n: 1 },
};

/** What each request of the record carried. */
const bodies: Record<string, unknown> = {
  create: { name: "add", file: ADD, inputs: [1, "2"] },
  "create, every field": EVERY_FIELD,
  "create without a name": { inputs: ["1"] },
  "create, bad JSON": '{"name":',
  "create, no content type": { name: "x" },
  "create, name is a number": { name: 5 },
  "create, inputs an object": { name: "x", inputs: {} },
  "create, unknown field": { name: "x", colour: "blue" },
  "create, priority 101": { name: "x", priority: 101 },
  "create, broadcast and pinned": { name: "x", broadcast: true, proplet_id: randomUUID() },
  "create, bad file": { name: "x", file: "*" },
  "create, file is no wasm": { name: "x", file: "aGVsbG8=" },
  update: { name: "add", inputs: ["10", "20"] },
  "update, unknown": { name: "add" },
  "update after it ended": { name: "add", inputs: ["3", "4"] },
  "create for stop": { name: "loop", file: ADD, daemon: true },
  "create latent": { name: "add", file: ADD, latent: true },
  "invoke before start": { inputs: ["1"] },
  invoke: { inputs: [5, "6"], env: { K: "v" } },
  "invoke that fails": { inputs: ["5"] },
  "create pinned": { name: "add", image_url: "docker.io/x/add:v1", inputs: ["1", "2"], proplet_id: "$p2" },
};

/** Where ours answers otherwise on purpose, each with what it answers. */
const ours: Record<string, { status: number }> = {
  "create, file is no wasm": { status: 400 },
  "upload, wrong field": { status: 400 },
  "upload, not multipart": { status: 400 },
  "start twice": { status: 409 },
  // An ended task runs anew.
  "start again": { status: 200 },
  // Pending: it starts when its proplet comes back.
  "start with no live proplet": { status: 200 },
  "delete proplet": { status: 204 },
  "deleted proplet": { status: 404 },
};

/** Bodies that differ on purpose: a proplet's total memory is kept, names are other words, tasks end, counts fall. */
const otherBody = new Set([
  "health",
  "list",
  "list, offset past the end",
  "proplet appears",
  "active proplets",
  "proplet while running",
  "failed",
  "stopped",
  "gone by its will",
  "proplet metrics",
]);

/** Steps of routes and fields that this manager doesn't have yet. */
const notYet = (step: string) =>
  /schedule|timezone|depends_on|sdf|job|sequential|workflow|broadcast$|broadcast ended|^fl /.test(step);

let rig: Rig;
let api: Awaited<ReturnType<typeof createApi>>;
let first: FakeProplet;
let second: FakeProplet;
const ids: Ids = new Map([
  ["$7", randomUUID()],
  ["$p1", randomUUID()],
  ["$p2", randomUUID()],
]);
const events = createInbox<RecordedEvent["event"]>();
const record = readRecording("legacy-manager");

beforeAll(async () => {
  rig = await startRig();
  rig.manager.events.follow(undefined, ({ event }) => events.put(event));
  api = await createApi({ manager: rig.manager, port: 0, version: "dev" });
});
afterAll(async () => {
  await api.close();
  await rig.close();
});

const join = (name: string) => joinAs({ broker: rig.broker, topics: rig.topics, id: fill(name, ids) });
const ended = (name: string, state: string) =>
  events.take((event) => event.type === "task" && event.task_id === ids.get(name) && event.state === state);

/** What happens in the world before a step. */
const before: Record<string, () => Promise<unknown>> = {
  "proplet appears": async () => {
    first = await join("$p1");
    await events.take((event) => event.type === "proplet" && event.alive);
  },
  completed: async () => {
    await first.finish(await first.next("start"), "30");
    await ended("$1", "Completed");
  },
  failed: async () => {
    await first.finish(await first.next("start"), "", "wasm trap: unreachable");
    await ended("$1", "Failed");
  },
  "task metrics": async () => {
    const metrics = {
      cpu_percent: 1.5,
      memory_bytes: 1000,
      memory_percent: 0.1,
      disk_read_bytes: 1,
      disk_write_bytes: 2,
      uptime_seconds: 3,
      thread_count: 4,
      file_descriptor_count: 5,
    };
    const timestamp = { secs_since_epoch: 1_795_473_026, nanos_since_epoch: 0 };
    await first.send("taskMetrics", { task_id: ids.get("$8"), proplet_id: first.id, metrics, timestamp });
    await rig.store.commit([]);
  },
  "create pinned": async () => {
    second = await join("$p2");
    await events.take((event) => event.type === "proplet" && event.alive);
  },
  "ended by a result with no proplet id": async () => {
    const { id } = await second.next("start");
    await second.send("results", { task_id: id, results: "3" });
    await ended("$13", "Completed");
  },
  "gone by its will": async () => {
    await second.offline();
    await events.take((event) => event.type === "proplet" && !event.alive);
  },
};

/** Steps whose answer waits for a proplet's. */
const meanwhile: Record<string, () => Promise<unknown>> = {
  invoke: () => answer("11", null),
  "invoke that fails": () => answer("", "argument count"),
};

async function answer(results: string, error: string | null) {
  const invoke = await first.next("invoke");
  const { kind, ...payload } = invoke;
  expect(differences(mqttAt(kind, results), payload, ids)).toEqual([]);
  await first.send("invokeResults", {
    task_id: invoke.id,
    invocation_id: invoke.invocation_id,
    results,
    error,
  });
}

function mqttAt(kind: unknown, results: string): unknown {
  const recorded = record.filter(({ mqtt }) => mqtt === `/control/manager/${kind}`);
  return recorded[results === "11" ? 0 : 1]?.payload;
}

function upload(step: string): RequestInit {
  if (step === "upload, not multipart") return json({});
  const form = new FormData();
  const bytes = step === "upload, no wasm" ? Buffer.from("no wasm at all") : Buffer.from(ADD, "base64");
  const name = step === "upload, wrong name" ? "add.txt" : "add.wasm";
  form.set(step === "upload, wrong field" ? "module" : "file", new Blob([bytes]), name);
  return { body: form };
}

function json(body: unknown): RequestInit {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { body: fill(text, ids), headers: { "content-type": "application/json" } };
}

async function replay({ step = "", request = "" }: Recorded): Promise<{ status: number; body: unknown }> {
  const [method = "", path = ""] = request.split(" ");
  const given = path.endsWith("/upload") ? upload(step) : step in bodies ? json(bodies[step]) : {};
  if (step === "create with no body")
    Object.assign(given, { body: "", headers: { "content-type": "application/json" } });
  if (step === "create, no content type") Object.assign(given, { headers: { "content-type": "text/plain" } });
  const [response] = await Promise.all([
    fetch(api.url + fill(path, ids), { method, ...given }),
    meanwhile[step]?.(),
  ]);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") && text !== "";
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

describe("the legacy manager's record", () => {
  for (const [index, recorded] of record.entries()) {
    const { step, request, status, body } = recorded;
    if (step === undefined || request === undefined || notYet(step)) continue;
    it(`${index}: ${step} (${request})`, async () => {
      await before[step]?.();
      const actual = await replay(recorded);
      expect(actual.status).toBe(ours[step]?.status ?? status);
      if (actual.status >= 400) expectError(actual.body, recorded);
      else if (!otherBody.has(step) && !(step in ours))
        expect(differences(body, actual.body, ids)).toEqual([]);
    });
  }

  it("leaves out only routes and fields that are not there yet", () => {
    const left = record.flatMap(({ step }) => (step !== undefined && notYet(step) ? [step] : []));
    expect(left.length).toBe(29);
  });
});

/** The envelope is the contract; Go's own words for a type error are not. */
function expectError(body: unknown, { body: recorded, status }: Recorded): void {
  if (typeof recorded === "string") {
    expect(body).toBe(recorded);
    return;
  }
  expect(body).toEqual({ error: expect.any(String) });
  if (status === undefined || status >= 500 || status < 400) return;
  const text = (recorded as { error: string }).error;
  if (/json:|EOF|base64|strconv|invalid character/.test(text)) return;
  expect(body).toEqual({ error: fill(text, ids) });
}
