import { get, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Client, createClient, type FollowedEvent } from "../../src/api/client.ts";
import { type Api, createApi } from "../../src/api/server.ts";
import { type FakeManager, fakeManager, fakeProplet, NOW } from "../../src/api/testing/fake-manager.ts";
import type { ChangeEvent, RecordedEvent } from "../../src/model/event.ts";

let manager: FakeManager;
let api: Api;
let client: Client;
let stop: AbortController;

beforeEach(async () => {
  manager = fakeManager();
  api = await createApi({ manager, port: 0, version: "1", maxBufferedBytes: 100_000 });
  client = createClient({ url: api.url });
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await api.close();
});

function event(id: number, fields: Partial<ChangeEvent & { type: "task" }> = {}): RecordedEvent {
  return {
    id: String(id),
    at: NOW,
    event: { type: "task", task_id: "a", name: "add", state: "Running", attempt: 1, ...fields },
  };
}

async function open(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(`${api.url}${path}`, { headers, signal: stop.signal }, resolve).on("error", reject);
  });
}

async function readUntil(stream: IncomingMessage, end: string): Promise<string> {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.includes(end)) break;
  }
  return text;
}

test("an event is sent with its id, its type and its time", async () => {
  const stream = await open("/events");
  expect(stream.headers["content-type"]).toBe("text/event-stream");
  manager.emit(event(7));
  const text = await readUntil(stream, "id: 7");
  const data = { at: NOW, type: "task", task_id: "a", name: "add", state: "Running", attempt: 1 };
  expect(text).toContain(`id: 7\nevent: task\ndata: ${JSON.stringify(data)}\n\n`);
});

test.each([
  ["the header", "/events", { "last-event-id": "2" }],
  ["the query", "/events?lastEventId=2", {}],
])("a stream resumes after the event that %s names", async (_where, path, headers) => {
  for (const id of [1, 2, 3, 4]) manager.emit(event(id));
  const text = await readUntil(await open(path, headers), "id: 4");
  expect(text.match(/^id: .*/gm)).toEqual(["id: 3", "id: 4"]);
  expect(text).not.toContain("reset");
});

test("reset comes first where events were missed", async () => {
  for (const id of [1, 2, 3]) manager.emit(event(id));
  manager.oldestEvent = 3;
  const text = await readUntil(await open("/events?lastEventId=1"), "id: 3");
  expect(text.match(/^event: .*/gm)).toEqual(["event: reset", "event: task"]);
});

test("events can be asked for by task and by type", async () => {
  const [byTask, byType] = [await open("/events?task_id=b"), await open("/events?type=proplet_deleted")];
  manager.emit(event(1));
  manager.emit(event(2, { task_id: "b" }));
  manager.emit({ id: "3", at: NOW, event: { type: "proplet_deleted", proplet_id: "p" } });
  expect((await readUntil(byTask, "id: 2")).match(/^id: .*/gm)).toEqual(["id: 2"]);
  expect((await readUntil(byType, "id: 3")).match(/^id: .*/gm)).toEqual(["id: 3"]);
});

test("a client that goes is forgotten", async () => {
  const stream = await open("/events");
  const gone = new Promise<void>((resolve) => {
    const { follow } = manager.events;
    manager.events.follow = (...args) => {
      const { missed, stop } = follow(...args);
      const stopAndTell = () => {
        stop();
        resolve();
      };
      return { missed, stop: stopAndTell };
    };
  });
  const second = await open("/events");
  expect(manager.followers()).toBe(2);
  second.destroy();
  await gone;
  expect(manager.followers()).toBe(1);
  stream.destroy();
});

test("a client that does not read is dropped", async () => {
  const stream = await open("/events");
  stream.pause();
  const dropped = new Promise((resolve) => stream.once("error", resolve));
  const results = "x".repeat(1_000_000);
  for (let id = 1; manager.followers() > 0; id++) {
    manager.emit(event(id, { results }));
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.resume();
  expect(await dropped).toMatchObject({ code: "ECONNRESET" });
});

test("a replay larger than the bound arrives whole", async () => {
  for (const id of [1, 2, 3]) manager.emit(event(id, { results: "x".repeat(200_000) }));
  const text = await readUntil(await open("/events?lastEventId=0"), `id: 3`);
  expect(text.match(/^id: .*/gm)).toEqual(["id: 1", "id: 2", "id: 3"]);
});

test("close ends the streams", async () => {
  const stream = await open("/events");
  const text = stream.setEncoding("utf8").toArray();
  await api.close();
  expect((await text).join("")).toContain("retry:");
  expect(manager.followers()).toBe(0);
});

async function take(events: AsyncIterable<FollowedEvent>, count: number): Promise<FollowedEvent[]> {
  const taken: FollowedEvent[] = [];
  for await (const followed of events) {
    taken.push(followed);
    if (taken.length === count) break;
  }
  return taken;
}

test("the client follows, and goes on where it was when the manager comes back", async () => {
  const opened: number[] = [];
  const whenOpen = () => {
    opened.push(manager.followers());
    if (opened.length === 1) manager.emit(event(1));
  };
  const following = client.follow({ signal: stop.signal, onOpen: whenOpen })[Symbol.asyncIterator]();
  expect((await following.next()).value).toEqual(event(1));
  const { port } = api;
  await api.close();
  manager.emit(event(2, { task_id: "while it was away" }));
  const next = following.next();
  api = await createApi({ manager, port, version: "1" });
  expect((await next).value).toMatchObject({ id: "2", event: { task_id: "while it was away" } });
  expect(manager.calls.map(({ args }) => args[0])).toEqual([undefined, "1"]);
  stop.abort();
  expect(await following.next()).toEqual({ done: true, value: undefined });
});

test("the client is told of what it missed, and may leave early", async () => {
  for (const id of [1, 2, 3]) manager.emit(event(id));
  manager.oldestEvent = 3;
  const taken = await take(client.follow({ lastEventId: "1" }), 2);
  expect(taken).toMatchObject([{ event: { type: "reset" } }, event(3)]);
});

test("the client and the server understand each other", async () => {
  manager.stored.proplets.set("edge 1/ü", fakeProplet({ id: "edge 1/ü" }));
  expect((await client.health()).status).toBe("pass");
  const task = await client.tasks.create({ name: "add", inputs: [1] }, { start: true });
  expect(task).toMatchObject({ name: "add", inputs: ["1"] });
  expect((await client.tasks.list({ limit: 5, metadata: { a: 1 } })).total).toBe(1);
  expect((await client.tasks.upload(task.id, new Uint8Array([0, 1]))).id).toBe(task.id);
  expect(await client.tasks.start(task.id)).toEqual({ started: true });
  expect(await client.tasks.stop(task.id)).toEqual({ stopped: true });
  expect((await client.tasks.update(task.id, { name: "sub" })).name).toBe("sub");
  expect(await client.tasks.results(task.id)).toBeUndefined();
  expect(await client.tasks.invoke(task.id, { inputs: ["1"] })).toBe("11");
  expect((await client.tasks.metrics(task.id)).total).toBe(1);
  expect(await client.tasks.delete(task.id)).toBeUndefined();
  expect((await client.proplets.get("edge 1/ü")).name).toBe("Quiet-Heron");
  expect((await client.proplets.list({ status: "active" })).proplets).toHaveLength(1);
  expect((await client.proplets.history("edge 1/ü")).history).toEqual([NOW]);
  expect((await client.proplets.metrics("edge 1/ü")).total).toBe(1);
  expect(await client.proplets.delete("edge 1/ü")).toBeUndefined();
  expect((await client.functions.deploy("f", { file: "" })).revision).toBe(1);
  expect(await client.functions.list()).toMatchObject([{ name: "f" }]);
  expect((await client.functions.get("f")).revision).toBe(1);
  expect(await client.functions.invoke("f")).toBe("11");
  expect(await client.functions.delete("f")).toBeUndefined();
  await expect(client.tasks.get(task.id)).rejects.toMatchObject({
    name: "PropError",
    code: "TASK_NOT_FOUND",
    message: `there is no task ${task.id}`,
  });
  await expect(client.tasks.get("abc")).rejects.toMatchObject({
    code: "REQUEST_INVALID",
    message: "invalid query parameters",
  });
});
