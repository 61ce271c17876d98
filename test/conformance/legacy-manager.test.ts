/** Replays the record of the legacy manager against ours, step by step, in order. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApi } from "../../src/api/server.ts";
import type { RecordedEvent } from "../../src/model/event.ts";
import { propletName } from "../../src/model/proplet-name.ts";
import { type FakeProplet, joinAs } from "../support/fake-proplet.ts";
import { createInbox } from "../support/inbox.ts";
import { differences, fill, type Ids, type Recorded, readRecording } from "../support/recording.ts";
import { type Rig, startRig } from "../support/rig.ts";
import { ADD, bodies } from "./recorded-requests.ts";

/** Where ours answers otherwise on purpose (wire-contract): its status, and its body made of the one recorded. */
interface Ours {
  status?: number;
  body?: (recorded: Json) => unknown;
  /** Of an error: what it says. */
  error?: RegExp;
}

// biome-ignore lint/suspicious/noExplicitAny: a recorded body has the shape of its step, which its reader knows
type Json = any;

const REQUEST = "^something went wrong with the request\\n";
const ours: Record<string, Ours> = {
  // It says which manager answers.
  health: { body: (recorded) => ({ ...recorded, instance_id: rig.manager.instanceId }) },
  "create, file is no wasm": { status: 400, error: /missing magic bytes/ },
  "create, bad timezone": { status: 400, error: /Mars\/Base/ },
  "create, depends_on without workflow": {
    status: 400,
    error: new RegExp(`${REQUEST}workflow_id is required when depends_on is specified$`),
  },
  // Two of those that were recorded are refused; and the oldest come first, where the order was left to chance.
  list: { body: (recorded) => ({ ...recorded, total: 4, tasks: recorded.tasks.toReversed() }) },
  "list, offset past the end": { body: (recorded) => ({ ...recorded, total: 4 }) },
  "upload, wrong field": { status: 400, error: /field named "file"/ },
  "upload, not multipart": { status: 400, error: /not multipart/ },
  // Proplets have other names, and their memory is kept.
  "proplet appears": { body: (recorded) => renamed(recorded) },
  "active proplets": { body: (recorded) => ({ ...recorded, proplets: recorded.proplets.map(renamed) }) },
  "proplet while running": { body: (recorded) => renamed(recorded) },
  sdf: {
    body: (recorded) => {
      const name = propletName(fill("$p1", ids));
      return { ...recorded, info: { ...recorded.info, title: `Propeller Proplet: ${name} ($p1)` } };
    },
  },
  "start twice": { status: 409, error: /^conflict: / },
  // An ended task runs anew, and one that failed is shown with its error.
  "start again": { status: 200, body: () => ({ started: true }) },
  failed: {
    body: (recorded) => ({
      ...bodyOf("completed"),
      ...recorded,
      inputs: ["3", "4"],
      state: 4,
      results: "",
      attempt: 2,
    }),
  },
  // Stopped is Interrupted.
  stopped: { body: (recorded) => ({ ...recorded, state: 6, finish_time: "<time>" }) },
  // Of a broadcast each proplet answers for itself.
  "broadcast ended": { body: (recorded) => ({ ...recorded, results: { $p1: "2" } }) },
  // A job is there, or it isn't; its tasks come in order, and one after another where it says so.
  "get job": { status: 200 },
  "job ended": { status: 200, body: (recorded) => whereTheyRan(recorded) },
  "list completed jobs": {
    body: (recorded) => ({ ...recorded, jobs: recorded.jobs.map((job: Json) => whereTheyRan(job)) }),
  },
  "sequential ended": {
    status: 200,
    body: (recorded) => whereTheyRan({ ...recorded, tasks: recorded.tasks.toReversed() }),
  },
  "job, bad mode": { status: 400, error: new RegExp(`${REQUEST}.*"sometimes".*parallel, sequential`) },
  "unknown job": { status: 404, error: /^not found$/ },
  "workflow, cycle": { status: 400, error: /\$26.*\$27|\$27.*\$26/ },
  "workflow, unknown dependency": { status: 400, error: /\$28.*\$29/ },
  "workflow task": { body: (recorded) => whereItRan(recorded) },
  // Counts fall, so that a proplet can be deleted; its will says that it is gone.
  "gone by its will": { body: (recorded) => renamed({ ...recorded, task_count: 0, alive: false }) },
  "delete proplet": { status: 204, body: () => "" },
  "deleted proplet": { status: 404, error: /^not found$/ },
  // It waits, and starts when its proplet comes back.
  "start with no live proplet": { status: 200, body: () => ({ started: true }) },
  "fl without coordinator": { error: /coordinator/i },
};

let rig: Rig;
let api: Awaited<ReturnType<typeof createApi>>;
let first: FakeProplet;
let second: FakeProplet;
const ids: Ids = new Map([
  ["$7", randomUUID()],
  ["$p1", randomUUID()],
  ["$p2", randomUUID()],
  ...["$22", "$26", "$27", "$28", "$29"].map((name): [string, string] => [name, randomUUID()]),
]);
const PROPLET_MEMORY_BYTES = 8_000_000_000;
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

/** As the proplet of a recorded step. */
const join = (name: string, step: string) => {
  const metadata = { ...bodyOf(step).metadata, total_memory_bytes: PROPLET_MEMORY_BYTES };
  return joinAs({ broker: rig.broker, topics: rig.topics, id: fill(name, ids), metadata });
};

/** What was recorded of a step. */
function bodyOf(step: string): Json {
  return record.find((recorded) => recorded.step === step)?.body;
}

function renamed(proplet: Json): Json {
  const metadata = { ...proplet.metadata, total_memory_bytes: PROPLET_MEMORY_BYTES };
  return { ...proplet, name: propletName(fill(proplet.id, ids)), metadata };
}

/** Which proplet gets which task is the scheduler's to say. */
const ranOn = new Map<string, string>();
const whereItRan = (task: Json) =>
  task.proplet_id === undefined ? task : { ...task, proplet_id: ranOn.get(fill(task.id, ids)) };
const whereTheyRan = (job: Json) => ({ ...job, tasks: job.tasks.map(whereItRan) });

/** The start of a task, wherever it goes, is as it was recorded; then it is answered. */
async function runs(name: string, results: string): Promise<void> {
  const started = await events.take(
    (event) => event.type === "task" && event.task_id === ids.get(name) && event.state === "Running",
  );
  const proplet = started.type === "task" && started.proplet_id === first.id ? first : second;
  ranOn.set(fill(name, ids), proplet.id);
  const { kind: _, ...start } = await proplet.inbox.take(
    ({ kind, id }) => kind === "start" && id === ids.get(name),
  );
  expect(differences(expected(whereItRan(startOf(name))), start, ids)).toEqual([]);
  await proplet.finish(start, results);
  await ended(name, "Completed");
}

function startOf(name: string): Json {
  const isStart = ({ mqtt, payload }: Recorded) =>
    mqtt === "/control/manager/start" && (payload as Json).id === name;
  return record.find(isStart)?.payload;
}
const ended = (name: string, state: string) =>
  events.take((event) => event.type === "task" && event.task_id === ids.get(name) && event.state === state);

/** What happens in the world before a step. */
const before: Record<string, () => Promise<unknown>> = {
  "proplet appears": async () => {
    first = await join("$p1", "proplet appears");
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
  "proplet metrics": async () => {
    const sample = {
      proplet_id: first.id,
      namespace: "edge",
      timestamp: { secs_since_epoch: 1_795_473_026, nanos_since_epoch: 0 },
      cpu_metrics: { user_seconds: 1, system_seconds: 2, percent: 3 },
    };
    await first.send("propletMetrics", { ...sample, memory_metrics: { rss_bytes: 4 } });
    await first.send("propletMetrics", { ...sample, memory_metrics: { rss_bytes: 4, heap_alloc_bytes: 5 } });
    await rig.store.commit([]);
  },
  "broadcast ended": async () => {
    const { kind: _, ...start } = await first.inbox.take(({ id }) => id === ids.get("$12"));
    expect(differences(startOf("$12"), start, ids)).toEqual([]);
    await first.finish(start, "2");
    await ended("$12", "Completed");
  },
  "job ended": async () => {
    await runs("$15", "1");
    await runs("$16", "1");
  },
  "sequential ended": async () => {
    await runs("$18", "0");
    await runs("$19", "0");
  },
  "workflow task": async () => {
    if (ranOn.has(fill("$22", ids))) return;
    await runs("$22", "r0");
    await runs("$24", "r1");
  },
  "create pinned": async () => {
    second = await join("$p2", "gone by its will");
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

async function replay({ step = "", request = "" }: Recorded) {
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
  const body: unknown = isJson ? JSON.parse(text) : text;
  return { status: response.status, body, location: response.headers.get("location") };
}

describe("the legacy manager's record", () => {
  for (const [index, recorded] of record.entries()) {
    const { step, request, status, body } = recorded;
    if (step === undefined || request === undefined) continue;
    it(`${index}: ${step} (${request})`, async () => {
      await before[step]?.();
      const actual = await replay(recorded);
      const otherwise = ours[step];
      expect(actual.status).toBe(otherwise?.status ?? status);
      if (actual.status >= 400) expectError(actual.body, recorded, otherwise?.error);
      else expect(differences(expected(otherwise?.body?.(body) ?? body), actual.body, ids)).toEqual([]);
      if (actual.status === 201) expect(actual.location).toBe(locationOf(recorded));
    });
  }
});

/** Keys that are ids, by what they stand for. */
function expected(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body).replaceAll(/"(\$p?\d+)":/g, (_, name) => `"${fill(name, ids)}":`));
}

function locationOf({ location }: Recorded): string | null {
  return location === undefined ? null : fill(location, ids);
}

/** The envelope is the contract; Go's own words for a type error are not. */
function expectError(body: unknown, { body: recorded, status }: Recorded, ours?: RegExp): void {
  if (typeof recorded === "string" && ours === undefined) {
    expect(body).toBe(recorded);
    return;
  }
  expect(body).toEqual({ error: expect.any(String) });
  if (ours !== undefined) {
    const pattern = ours.source.replaceAll(/\\(\$\d+)/g, (_, name) => fill(name, ids));
    expect((body as Json).error).toMatch(new RegExp(pattern));
    return;
  }
  if (status === undefined || status >= 500 || status < 400) return;
  const text = (recorded as { error: string }).error;
  if (/json:|EOF|base64|strconv|invalid character/.test(text)) return;
  expect(body).toEqual({ error: fill(text, ids) });
}
