import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { createClient, type FollowedEvent } from "./client.ts";

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
}

function answering(status: number, body: string, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => response.writeHead(status, headers).end(body);
}

async function deadUrl(): Promise<string> {
  const url = await listen(answering(200, ""));
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return url;
}

test("a manager that is not there is named, with what to do", async () => {
  const url = await deadUrl();
  await expect(createClient({ url: `${url}/` }).health()).rejects.toMatchObject({
    name: "PropError",
    code: "MANAGER_UNREACHABLE",
    message: `cannot reach the manager at ${url}: connection refused`,
    hint: "Start one with: prop dev",
  });
});

test("a connection that breaks is a manager that can't be reached", async () => {
  const url = await listen((request) => request.socket.destroy());
  await expect(createClient({ url }).health()).rejects.toMatchObject({ code: "MANAGER_UNREACHABLE" });
});

test.each<[string, RequestListener]>([
  ["a page", answering(200, "<html>", { "content-type": "text/html" })],
  ["an error page", answering(502, "<html>", { "content-type": "text/html" })],
  ["another error", answering(404, '{"message":"no"}', { "content-type": "application/json" })],
])("%s is no manager's answer", async (_what, listener) => {
  const url = await listen(listener);
  await expect(createClient({ url }).health()).rejects.toMatchObject({
    code: "NOT_A_MANAGER",
    message: expect.stringContaining(`what answers at ${url} is not a prop manager`),
  });
});

test("the manager's own error comes back with its code, its message and its hint", async () => {
  const headers = { "x-prop-code": "TASK_ACTIVE", "x-prop-hint": "stop%20it%20%E2%80%93%20first" };
  const url = await listen(answering(409, '{"error":"conflict: it runs"}', headers));
  await expect(createClient({ url }).tasks.start("1")).rejects.toMatchObject({
    code: "TASK_ACTIVE",
    message: "conflict: it runs",
    hint: "stop it – first",
  });
});

test.each([
  [
    400,
    "something went wrong with the request\nmissing identity name",
    "REQUEST_INVALID",
    "missing identity name",
  ],
  [400, "EOF\nsomething went wrong with the request", "REQUEST_INVALID", "EOF"],
  [404, "not found", "NOT_FOUND", "not found"],
  [409, "conflict: busy", "CONFLICT", "conflict: busy"],
  [500, "argument count", "MANAGER_FAILED", "argument count"],
])("a legacy %i with %j is told to people as %s: %s", async (status, error, code, message) => {
  const url = await listen(answering(status, JSON.stringify({ error })));
  await expect(createClient({ url }).health()).rejects.toMatchObject({ code, message });
});

test("a request has its method, its query, its token and its body", async () => {
  const seen: unknown[] = [];
  const url = await listen(async (request, response) => {
    const body = (await request.setEncoding("utf8").toArray()).join("");
    seen.push([
      request.method,
      request.url,
      request.headers.authorization,
      request.headers["content-type"],
      body,
    ]);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  const client = createClient({ url, token: "secret" });
  await client.tasks.create({ name: "é" }, { start: true });
  await client.tasks.create({ name: "x" });
  await client.tasks.list({ limit: 5, metadata: { team: "x" } });
  await client.proplets.list({ status: "active" });
  await client.tasks.start("a/b");
  expect(seen).toEqual([
    ["POST", "/tasks?start=true", "Bearer secret", "application/json", '{"name":"é"}'],
    ["POST", "/tasks", "Bearer secret", "application/json", '{"name":"x"}'],
    ["GET", "/tasks?limit=5&metadata=%7B%22team%22%3A%22x%22%7D", "Bearer secret", undefined, ""],
    ["GET", "/proplets?status=active", "Bearer secret", undefined, ""],
    ["POST", "/tasks/a%2Fb/start", "Bearer secret", undefined, ""],
  ]);
});

test("a signal ends what is under way with its own reason", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  const url = await listen(() => stop.abort(reason));
  await expect(createClient({ url, signal: stop.signal }).health()).rejects.toBe(reason);
});

function streaming(frames: string[]): RequestListener {
  const left = [...frames];
  return (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(left.shift() ?? "retry: 1\n\n");
  };
}

const frame = (id: number) =>
  `retry: 1\nid: ${id}\nevent: task\ndata: {"at":"now","type":"task","task_id":"t"}\n\n`;

test("a stream that ends is opened again after the last event that came", async () => {
  const asked: unknown[] = [];
  const serve = streaming([frame(1), `retry: 1\n\n:\n\n`, frame(2) + frame(3)]);
  const url = await listen((request, response) => {
    asked.push([request.url, request.headers["last-event-id"]]);
    serve(request, response);
  });
  const followed: FollowedEvent[] = [];
  for await (const event of createClient({ url }).follow({ lastEventId: "0", taskId: "t" })) {
    followed.push(event);
    if (followed.length === 3) break;
  }
  expect(followed.map(({ id }) => id)).toEqual(["1", "2", "3"]);
  expect(followed[0]).toEqual({ id: "1", at: "now", event: { type: "task", task_id: "t" } });
  expect(asked).toEqual([
    ["/events?task_id=t", "0"],
    ["/events?task_id=t", "1"],
    ["/events?task_id=t", "1"],
  ]);
});

test("a manager that goes for good ends the stream with an error", async () => {
  const url = await listen(streaming([frame(1)]));
  const following = createClient({ url }).follow()[Symbol.asyncIterator]();
  expect(await following.next()).toMatchObject({ value: { id: "1" } });
  servers[0]?.closeAllConnections();
  await new Promise((resolve) => servers.pop()?.close(resolve));
  await expect(following.next()).rejects.toMatchObject({ code: "MANAGER_UNREACHABLE" });
});

test("following what is no manager, or none at all, fails at once", async () => {
  const page = await listen(answering(200, "<html>", { "content-type": "text/html" }));
  const first = (url: string) => createClient({ url }).follow()[Symbol.asyncIterator]().next();
  await expect(first(page)).rejects.toMatchObject({ code: "NOT_A_MANAGER" });
  await expect(first(await deadUrl())).rejects.toMatchObject({ code: "MANAGER_UNREACHABLE" });
});

test("a signal ends a stream without an error, also while it waits to reconnect", async () => {
  const stop = new AbortController();
  const url = await listen(answering(200, "retry: 100000\n\n", { "content-type": "text/event-stream" }));
  const following = createClient({ url }).follow({
    signal: stop.signal,
    onOpen: () => setImmediate(() => stop.abort()),
  });
  expect(await following[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
});

test("a manager that hangs up on a large body is not said to be unreachable", async () => {
  const url = await listen((request) => request.socket.destroy());
  const inputs = ["x".repeat(4_000_000)];
  const { functions, tasks } = createClient({ url });
  await expect(functions.invoke("f", { inputs })).rejects.toMatchObject({ code: "BODY_TOO_LARGE" });
  await expect(tasks.create({ name: "small" })).rejects.toMatchObject({ code: "MANAGER_UNREACHABLE" });
});
