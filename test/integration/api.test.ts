import { request as httpRequest } from "node:http";
import { createConnection } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Api, createApi } from "../../src/api/server.ts";
import {
  type FakeManager,
  fakeManager,
  fakeProplet,
  fakeTask,
  NOW,
} from "../../src/api/testing/fake-manager.ts";
import { PropError } from "../../src/errors.ts";

const BAD = "something went wrong with the request\n";
const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";

let manager: FakeManager;
let api: Api;
let logged: string[];

beforeEach(async () => {
  manager = fakeManager();
  logged = [];
  const log = { error: (line: string) => logged.push(line) };
  api = await createApi({ manager, port: 0, version: "1.2.3", log });
});

afterEach(() => api.close());

interface Sent {
  json?: unknown;
  body?: string | FormData;
  headers?: Record<string, string>;
}

async function ask(route: string, { json, body, headers = {} }: Sent = {}) {
  const [method = "", path] = route.split(" ");
  const type: Record<string, string> = json === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: { ...type, ...headers },
    body: json === undefined ? (body ?? null) : JSON.stringify(json),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

function stored(fields?: Parameters<typeof fakeTask>[0]) {
  const task = fakeTask(fields);
  manager.stored.tasks.set(task.id, task);
  return task;
}

test("health says what runs, and warns while the broker is away", async () => {
  expect(await ask("GET /health")).toMatchObject({
    status: 200,
    body: {
      status: "pass",
      version: "1.2.3",
      commit: "none",
      description: "manager service",
      build_time: "unknown",
      instance_id: manager.instanceId,
    },
  });
  manager.connected = false;
  expect(await ask("GET /health")).toMatchObject({ status: 200, body: { status: "warn" } });
});

test("a task is created, with its place, and started in the same request where asked", async () => {
  const made = await ask("POST /tasks", { json: { name: "add", inputs: ["1", 2], odd: true } });
  expect(made.status).toBe(201);
  expect(made.headers.get("location")).toBe(`/tasks/${made.body.id}`);
  expect(made.body).toEqual({
    id: made.body.id,
    name: "add",
    kind: "standard",
    state: 0,
    cli_args: null,
    inputs: ["1", "2"],
    daemon: false,
    encrypted: false,
    start_time: "0001-01-01T00:00:00Z",
    finish_time: "0001-01-01T00:00:00Z",
    created_at: NOW,
    updated_at: "0001-01-01T00:00:00Z",
    next_run: "0001-01-01T00:00:00Z",
    priority: 50,
  });
  await ask("POST /tasks?start=true", { json: { name: "add" } });
  expect(manager.calls.map(({ args }) => args[1])).toEqual([{ start: false }, { start: true }]);
});

test("null in an optional field means absent, also within an object", async () => {
  const json = {
    name: "add",
    image_url: null,
    cli_args: null,
    monitoring_profile: { enabled: true, interval: null },
  };
  expect((await ask("POST /tasks", { json })).status).toBe(201);
  expect(manager.calls[0]?.args[0]).toEqual({ name: "add", monitoring_profile: { enabled: true } });
});

test.each<[string, Sent, string | RegExp]>([
  ["no body", {}, "the body is empty"],
  ["an empty body", { body: "", headers: { "content-type": "application/json" } }, "the body is empty"],
  ["null", { body: "null", headers: { "content-type": "application/json" } }, "the body is empty"],
  ["half a body", { body: '{"name":', headers: { "content-type": "application/json" } }, /JSON/],
  ["an array", { json: [] }, "the body must be object"],
  ["a string", { json: "add" }, "the body must be object"],
  ["another content type", { body: "name=add" }, "unsupported content type"],
  ["form data", { body: new FormData() }, "unsupported content type"],
  ["a name that is a number", { json: { name: 1 } }, "name must be string"],
  ["inputs that are an object", { json: { name: "x", inputs: {} } }, "inputs must be array"],
  ["an input that is a boolean", { json: { inputs: ["1", true] } }, "inputs.1 must be string or number"],
  ["a broken environment", { json: { env: { A: 1 } } }, "env.A must be string"],
  ["half a priority", { json: { priority: 1.5 } }, "priority must be integer"],
  ["a profile without its switch", { json: { monitoring_profile: {} } }, /^monitoring_profile .*enabled/],
])("a task of %s is refused", async (_what, sent, message) => {
  const { status, body } = await ask("POST /tasks", sent);
  expect(status).toBe(400);
  expect(Object.keys(body)).toEqual(["error"]);
  expect(body.error.startsWith(BAD)).toBe(true);
  expect(body.error.slice(BAD.length)).toEqual(
    typeof message === "string" ? message : expect.stringMatching(message),
  );
  expect(manager.calls).toEqual([]);
});

test("a body without a content type is refused", async () => {
  const socket = createConnection(api.port, "127.0.0.1");
  socket.end("POST /tasks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
  const answer = (await socket.setEncoding("utf8").toArray()).join("");
  expect(answer).toContain("400 Bad Request");
  expect(answer).toContain("unsupported content type");
});

test.each(["GET /tasks/abc", "DELETE /tasks/abc", "POST /tasks/abc/start", "GET /tasks/abc/results"])(
  "%s is refused: the id is no UUID",
  async (route) => {
    expect(await ask(route)).toMatchObject({
      status: 400,
      body: { error: `${BAD}invalid query parameters` },
    });
  },
);

test.each([
  `GET /tasks/${UNKNOWN_ID}`,
  `DELETE /tasks/${UNKNOWN_ID}`,
  `POST /tasks/${UNKNOWN_ID}/start`,
  `POST /tasks/${UNKNOWN_ID}/stop`,
  `GET /tasks/${UNKNOWN_ID}/results`,
  `GET /tasks/${UNKNOWN_ID}/metrics`,
  "GET /proplets/nobody",
  "GET /proplets/nobody/metrics",
  "GET /proplets/nobody/alive-history",
  "DELETE /proplets/nobody",
  "GET /functions/nothing",
  "DELETE /functions/nothing",
])("%s is not found", async (route) => {
  const { status, body, headers } = await ask(route);
  expect({ status, body }).toEqual({ status: 404, body: { error: "not found" } });
  expect(headers.get("x-prop-code")).toMatch(/^(TASK|PROPLET|FUNCTION)_NOT_FOUND$/);
  expect(headers.get("x-prop-message")).toMatch(/^there%20is%20no/);
});

test("tasks come in pages of a hundred, up to a thousand", async () => {
  for (let i = 0; i < 3; i++) stored();
  expect((await ask("GET /tasks")).body).toMatchObject({ offset: 0, limit: 100, total: 3 });
  const page = await ask("GET /tasks?offset=1&limit=1");
  expect(page.body).toMatchObject({ offset: 1, limit: 1, total: 3, tasks: [{ name: "add" }] });
  expect((await ask("GET /tasks?offset=1000")).body).toEqual({
    offset: 1000,
    limit: 100,
    total: 3,
    tasks: [],
  });
  expect((await ask("GET /tasks?limit=1000")).status).toBe(200);
});

test.each([
  ["GET /tasks?limit=0", "invalid limit size"],
  ["GET /tasks?limit=1001", "invalid limit size"],
  ["GET /tasks?limit=many", "limit must be integer"],
  ["GET /tasks?offset=-1", "offset must be integer"],
  ["GET /tasks?offset=1&offset=2", "offset must be integer"],
  ["GET /proplets?status=odd", "invalid proplet status"],
  ["GET /tasks?metadata=zzz", 'invalid metadata: "zzz" is not JSON'],
  ["GET /tasks?metadata=%5B1%5D", 'invalid metadata: "[1]" is not a JSON object'],
  ["POST /tasks?start=maybe", "start must be boolean"],
])("%s is refused", async (route, message) => {
  const sent = route.startsWith("POST") ? { json: { name: "x" } } : {};
  expect(await ask(route, sent)).toMatchObject({ status: 400, body: { error: `${BAD}${message}` } });
});

test("metadata filters tasks", async () => {
  await ask("GET /tasks?metadata=%7B%22team%22%3A%22x%22%7D");
  expect(manager.calls[0]?.args[0]).toEqual({
    offset: 0,
    limit: 100,
    metadata: { team: "x" },
    newestFirst: false,
  });
});

test("a task is read, changed, stopped and deleted", async () => {
  const { id } = stored();
  expect((await ask(`GET /tasks/${id}`)).body.id).toBe(id);
  expect((await ask(`PUT /tasks/${id}`, { json: { inputs: [10] } })).body).toMatchObject({
    inputs: ["10"],
    updated_at: NOW,
  });
  expect(await ask(`POST /tasks/${id}/start`)).toMatchObject({ status: 200, body: { started: true } });
  const goClient = { body: "", headers: { "content-type": "application/json" } };
  expect(await ask(`POST /tasks/${id}/stop`, goClient)).toMatchObject({
    status: 200,
    body: { stopped: true },
  });
  expect(await ask(`DELETE /tasks/${id}`)).toMatchObject({ status: 204, body: "" });
  expect((await ask(`DELETE /tasks/${id}`)).status).toBe(404);
});

test("an active task can't be started, and the answer says what can be done", async () => {
  const { id } = stored({ state: 2 });
  const { status, body, headers } = await ask(`POST /tasks/${id}/start`);
  expect({ status, body }).toEqual({ status: 409, body: { error: `conflict: task ${id} is Running` } });
  expect(headers.get("x-prop-code")).toBe("TASK_ACTIVE");
  expect(headers.get("x-prop-hint")).toBe("stop%20it%20first");
});

test("results are an empty body until there are some, whatever they are then", async () => {
  expect(await ask(`GET /tasks/${stored().id}/results`)).toMatchObject({ status: 200, body: "" });
  expect((await ask(`GET /tasks/${stored({ results: "30" }).id}/results`)).body).toEqual({ results: "30" });
  expect((await ask(`GET /tasks/${stored({ results: null }).id}/results`)).body).toEqual({ results: null });
});

test("a latent task is invoked, with or without a body", async () => {
  const { id } = stored();
  const json = { inputs: ["5", 6], env: { K: "v" }, stdin: "aGk=" };
  expect((await ask(`POST /tasks/${id}/invoke`, { json })).body).toEqual({ invoked: true, results: "11" });
  expect((await ask(`POST /tasks/${id}/invoke`)).body).toEqual({ invoked: true, results: "11" });
  expect(manager.calls.map(({ args }) => args[1])).toEqual([json, {}]);
  manager.invocation = { error: new PropError({ code: "INVOCATION_FAILED", message: "argument count" }) };
  expect(await ask(`POST /tasks/${id}/invoke`, { json: {} })).toMatchObject({
    status: 500,
    body: { error: "argument count" },
  });
  expect(logged).toEqual([]);
});

test("a bug is answered without its details, and logged with its stack", async () => {
  manager.invocation = { error: new TypeError("secret detail") };
  const answer = await ask(`POST /tasks/${UNKNOWN_ID}/invoke`, { json: {} });
  expect(answer).toMatchObject({ status: 500, body: { error: "internal error" } });
  expect(logged).toEqual([expect.stringMatching(/secret detail[\s\S]*at /)]);
});

test("metrics of a task and of a proplet have every figure", async () => {
  const { id } = stored();
  manager.stored.proplets.set("edge-1", fakeProplet());
  const ofTask = await ask(`GET /tasks/${id}/metrics`);
  expect(ofTask.body).toMatchObject({
    total: 1,
    metrics: [{ metrics: { cpu_percent: 1.5, memory_bytes: 0 } }],
  });
  const ofProplet = await ask("GET /proplets/edge-1/metrics");
  expect(ofProplet.body.metrics).toMatchObject([{ timestamp: "1970-01-01T00:00:01.500Z" }]);
});

test("proplets are listed by their state, read, and deleted once they hold no task", async () => {
  manager.stored.proplets.set("edge-1", fakeProplet());
  manager.stored.proplets.set("edge-2", fakeProplet({ id: "edge-2", alive: false }));
  expect((await ask("GET /proplets")).body.total).toBe(2);
  expect((await ask("GET /proplets?status=active")).body).toMatchObject({
    total: 1,
    proplets: [{ id: "edge-1" }],
  });
  expect((await ask("GET /proplets?status=inactive")).body).toMatchObject({ proplets: [{ id: "edge-2" }] });
  const { id } = stored({ state: 2, proplet_id: "edge-1" });
  expect((await ask("GET /proplets/edge-1")).body).toMatchObject({ task_count: 1, alive: true });
  expect(await ask("DELETE /proplets/edge-1")).toMatchObject({
    status: 409,
    body: { error: "conflict: proplet edge-1 has 1 active tasks" },
  });
  manager.stored.tasks.delete(id);
  expect((await ask("DELETE /proplets/edge-1")).status).toBe(204);
  const history = await ask("GET /proplets/edge-2/alive-history");
  expect(history.body).toEqual({ offset: 0, limit: 100, total: 1, history: [NOW] });
});

test.each(["a%2Fb", "a%23", "%2B"])("no proplet is declared as %s, which no topic could name", async (id) => {
  const sent = { json: { device_type: "esp32" } };
  expect(await ask(`PUT /proplets/${id}`, sent)).toMatchObject({ status: 400 });
  expect(manager.stored.proplets.size).toBe(0);
});

test("a function is deployed, read, invoked and deleted by its name", async () => {
  expect((await ask("PUT /functions/hello", { json: { file: "AGFzbQ==" } })).status).toBe(201);
  expect(await ask("PUT /functions/hello", { json: {} })).toMatchObject({
    status: 200,
    body: { revision: 2 },
  });
  expect((await ask("GET /functions")).body).toMatchObject({ total: 1, functions: [{ name: "hello" }] });
  expect((await ask("GET /functions/hello")).body.revision).toBe(2);
  expect((await ask("POST /functions/hello/invoke", { json: { inputs: [1] } })).body.results).toBe("11");
  expect((await ask("DELETE /functions/hello")).status).toBe(204);
});

function upload(field: string, filename: string, bytes: Uint8Array<ArrayBuffer>): { body: FormData } {
  const body = new FormData();
  body.set(field, new Blob([bytes]), filename);
  return { body };
}

const MODULE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

test("a module is uploaded as form data", async () => {
  const { id } = stored();
  const answer = await ask(`PUT /tasks/${id}/upload`, upload("file", "add.wasm", MODULE));
  expect(answer).toMatchObject({ status: 200, body: { id } });
  expect(manager.calls).toEqual([{ name: "upload", args: [id, 8] }]);
});

test.each<[string, Sent, string]>([
  ["another name", upload("file", "add.txt", MODULE), "invalid file extension"],
  ["another field", upload("module", "add.wasm", MODULE), 'the upload has no file in a field named "file"'],
  ["no field", { body: new FormData() }, 'the upload has no file in a field named "file"'],
  ["no module", upload("file", "a.wasm", new Uint8Array([1, 2])), "invalid WASM file: missing magic bytes"],
  ["JSON", { json: {} }, "the request is not multipart/form-data"],
  ["nothing", {}, "the request is not multipart/form-data"],
])("an upload of %s is refused", async (_what, sent, message) => {
  const { id } = stored();
  const answer = await ask(`PUT /tasks/${id}/upload`, sent);
  expect(answer).toMatchObject({ status: 400, body: { error: `${BAD}${message}` } });
});

test("an upload takes a few fields beside its file, and refuses to keep many", async () => {
  const { id } = stored();
  const withFields = (count: number) => {
    const body = new FormData();
    for (let i = 0; i < count; i++) body.set(`note-${i}`, "x");
    body.set("file", new Blob([MODULE]), "add.wasm");
    return { body };
  };
  expect((await ask(`PUT /tasks/${id}/upload`, withFields(3))).status).toBe(200);
  expect((await ask(`PUT /tasks/${id}/upload`, withFields(50))).status).toBe(400);
});

test("a module of more than 100 MB is refused", async () => {
  const { id } = stored();
  const answer = await ask(
    `PUT /tasks/${id}/upload`,
    upload("file", "big.wasm", new Uint8Array(101 * 1024 * 1024)),
  );
  expect(answer.status).toBe(413);
  expect(manager.calls).toEqual([]);
});

test("what has no route is 404, what has another method 405", async () => {
  expect(await ask("GET /nothing")).toMatchObject({ status: 404, body: "404 page not found\n" });
  expect(await ask("POST /nothing", { body: "x" })).toMatchObject({
    status: 404,
    body: "404 page not found\n",
  });
  expect(await ask("GET /tasks/x/y")).toMatchObject({ status: 404 });
  expect(await ask("PATCH /tasks", { body: "x" })).toMatchObject({ status: 405, body: "" });
  const { status, headers } = await ask(`POST /tasks/${UNKNOWN_ID}?x=1`);
  expect({ status, allow: headers.get("allow") }).toEqual({ status: 405, allow: "GET, PUT, DELETE" });
});

test("a broken path is a 400 in the same envelope", async () => {
  const { status, body } = await ask("GET /proplets/%ZZ");
  expect({ status, keys: Object.keys(body) }).toEqual({ status: 400, keys: ["error"] });
});

function statusForHost(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port: api.port, host: "127.0.0.1", path: "/health", headers: { host } });
    request.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
    request.end();
  });
}

test("a local server answers to local names only", async () => {
  expect(await statusForHost("evil.example")).toBe(403);
  expect(await statusForHost(`evil.example:${api.port}`)).toBe(403);
  expect(await statusForHost("LOCALHOST:1")).toBe(200);
  expect(await statusForHost("[::1]:1")).toBe(200);
  expect(await statusForHost("127.0.0.1")).toBe(200);
});

test.each<[string, number]>([
  ["http://evil.example", 403],
  ["https://evil.example", 403],
  ["http://localhost.evil.example", 403],
  ["null", 403],
  ["http://localhost:3000", 200],
])("a page of %s that sends a local server what needs no token gets %i", async (origin, status) => {
  const { id } = stored({ state: 2 });
  const answer = await ask(`POST /tasks/${id}/stop`, { headers: { origin } });
  const refused = answer.headers.get("x-prop-code") === "ORIGIN_REFUSED";
  expect({ status: answer.status, refused }).toEqual({ status, refused: status === 403 });
});

test("a page that its browser calls this server's own is let in, whatever a proxy makes of the host", async () => {
  const { id } = stored({ state: 2 });
  const headers = { origin: "https://ui.example", "sec-fetch-site": "same-origin" };
  expect((await ask(`POST /tasks/${id}/stop`, { headers })).status).toBe(200);
  const elsewhere = { ...headers, "sec-fetch-site": "cross-site" };
  expect((await ask(`POST /tasks/${id}/stop`, { headers: elsewhere })).status).toBe(403);
});

test("a port that HTTP clients refuse to connect to is refused before anything listens there", async () => {
  const forbidden = createApi({ manager, port: 6000, version: "1" });
  await expect(forbidden).rejects.toMatchObject({ code: "PORT_FORBIDDEN", exitCode: 2 });
});

test("a taken port is named", async () => {
  const second = createApi({ manager, port: api.port, version: "1" });
  await expect(second).rejects.toMatchObject({
    code: "PORT_TAKEN",
    message: expect.stringContaining(`${api.port}`),
  });
});

test("close ends connections that are still open", async () => {
  const socket = createConnection(api.port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.on("error", () => undefined);
  await api.close();
  await closed;
  await expect(fetch(`${api.url}/health`)).rejects.toThrow("fetch failed");
});

test("close does not wait for an invocation that runs", async () => {
  const began = new Promise<void>((never) => {
    manager.invocation = { never };
  });
  const answer = fetch(`${api.url}/tasks/${UNKNOWN_ID}/invoke`, { method: "POST" }).catch((error) => error);
  await began;
  await api.close();
  expect(await answer).toBeInstanceOf(TypeError);
});

test("the OpenAPI document has every route", async () => {
  const { body } = await ask("GET /openapi.json");
  expect(body.openapi).toMatch(/^3\./);
  const routes = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.sort()).toEqual(
    [
      "GET /openapi.json",
      "GET /health",
      "GET /proplets",
      "GET /proplets/{id}",
      "PUT /proplets/{id}",
      "DELETE /proplets/{id}",
      "GET /proplets/{id}/metrics",
      "GET /proplets/{id}/alive-history",
      "POST /tasks",
      "GET /tasks",
      "GET /tasks/{id}",
      "PUT /tasks/{id}",
      "DELETE /tasks/{id}",
      "PUT /tasks/{id}/upload",
      "POST /tasks/{id}/start",
      "POST /tasks/{id}/stop",
      "POST /tasks/{id}/invoke",
      "GET /tasks/{id}/results",
      "GET /tasks/{id}/metrics",
      "PUT /functions/{name}",
      "GET /functions",
      "GET /functions/{name}",
      "DELETE /functions/{name}",
      "POST /functions/{name}/invoke",
      "GET /events",
      "DELETE /jobs/{id}",
      "DELETE /tokens/{id}",
      "DELETE /workflows/{id}",
      "GET /fl/rounds/{id}/complete",
      "GET /fl/task",
      "GET /jobs",
      "GET /jobs/{id}",
      "GET /metrics",
      "GET /proplets/{id}/sdf",
      "GET /tasks/{id}/attempts",
      "GET /tasks/{id}/explain",
      "GET /tokens",
      "GET /workflows",
      "GET /workflows/{id}",
      "POST /fl/experiments",
      "POST /fl/update",
      "POST /fl/update_cbor",
      "POST /jobs",
      "POST /jobs/{id}/start",
      "POST /jobs/{id}/stop",
      "POST /proplets/{id}/cordon",
      "POST /proplets/{id}/drain",
      "POST /proplets/{id}/uncordon",
      "POST /tokens",
      "POST /workflows",
      "POST /workflows/{id}/start",
      "POST /workflows/{id}/stop",
      ...["proplets", "tasks", "jobs", "workflows", "functions"].flatMap((kind) => [
        `GET /manifests/${kind}`,
        `GET /manifests/${kind}/{namespace}/{name}`,
        `PUT /manifests/${kind}/{namespace}/{name}`,
        `DELETE /manifests/${kind}/{namespace}/{name}`,
      ]),
    ].sort(),
  );
  const body201 = body.paths["/tasks"].post.responses["201"].content["application/json"].schema;
  expect(body201.properties.state.description).toContain("0 Pending");
});
