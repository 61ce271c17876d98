/** Who may do what over HTTP: tokens, scopes and limits, on a real server. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createClient } from "../../src/api/client.ts";
import { type Api, type ApiOptions, createApi } from "../../src/api/server.ts";
import { type FakeManager, fakeManager } from "../../src/api/testing/fake-manager.ts";
import type { Scope } from "../../src/model/token.ts";

let manager: FakeManager;
let api: Api;

beforeEach(async () => {
  manager = fakeManager();
  api = await serve({ auth: "token" });
});
afterEach(() => api.close());

function serve(options: Partial<ApiOptions>): Promise<Api> {
  return createApi({ manager, port: 0, version: "1", ...options });
}

async function tokenOf(scope: Scope): Promise<string> {
  return (await manager.tokens.create({ name: scope, scope })).token;
}

function ask(route: string, token?: string): Promise<Response> {
  const [method = "", path] = route.split(" ");
  return fetch(`${api.url}${path}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
}

interface Operation {
  security?: { bearer?: Scope[] }[];
}

/** Every route, with the scope that its own document says it needs: undefined where it is open to all. */
async function routes(): Promise<{ route: string; scope: Scope | undefined; declared: boolean }[]> {
  const response = await ask("GET /openapi.json", await tokenOf("read"));
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]) => ({
      route: `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, "00000000-0000-4000-8000-000000000000")}`,
      scope: security?.[0]?.bearer?.[0],
      declared: security !== undefined,
    })),
  );
}

/** Changes that are not for those who deploy. */
const forAdmins = /^(\w+ \/tokens|(POST|PUT|DELETE) (\/manifests)?\/proplets)/;

test("every route but the health check refuses who shows no token", async () => {
  const all = await routes();
  expect(all.length).toBeGreaterThan(25);
  expect(all.filter(({ scope }) => scope === undefined).map(({ route }) => route)).toEqual(["GET /health"]);
  for (const { route, scope } of all) {
    if (scope === undefined) continue;
    const answer = await ask(route);
    expect(`${route}: ${answer.status}`).toBe(`${route}: 401`);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await answer.json()).toEqual({ error: "this manager asks for a token" });
  }
  expect((await ask("GET /health")).status).toBe(200);
});

test("a path that is written another way asks for the same token", async () => {
  const ways = [
    "/tasks/",
    "/%74asks",
    "/tasks?token=x",
    "/tasks/?access_token=x",
    "/openapi%2Ejson",
    "/jobs/?",
  ];
  for (const path of ways) {
    expect(`${path} ${(await ask(`GET ${path}`)).status}`).toBe(`${path} 401`);
  }
  for (const path of ["//tasks", "/TASKS", "/./tasks;x", "/tasks%2F"]) {
    expect((await ask(`GET ${path}`)).status).toBeGreaterThanOrEqual(400);
  }
  for (const method of ["HEAD", "OPTIONS", "PATCH"]) expect((await ask(`${method} /tasks`)).status).toBe(405);
});

test("every route says its scope: reading reads, tokens and proplets are for admins, the rest deploys", async () => {
  const wrong = (await routes()).filter(({ route, scope }) => {
    if (scope === undefined) return false;
    if (forAdmins.test(route)) return scope !== "admin";
    return scope !== (route.startsWith("GET ") ? "read" : "deploy");
  });
  expect(wrong).toEqual([]);
});

test("every route refuses a token of a lesser scope, and names the one it needs", async () => {
  const lesser = { deploy: await tokenOf("read"), admin: await tokenOf("deploy") };
  for (const { route, scope } of await routes()) {
    if (scope !== "deploy" && scope !== "admin") continue;
    const answer = await ask(route, lesser[scope]);
    expect(`${route}: ${answer.status}`).toBe(`${route}: 403`);
    expect(await answer.json()).toEqual({
      error: expect.stringContaining(`this needs a token of scope ${scope}`),
    });
  }
});

test("a token that is wrong, revoked or of another kind is refused", async () => {
  const { token, record } = await manager.tokens.create({ name: "ci", scope: "admin" });
  expect((await ask("GET /tasks", token)).status).toBe(200);
  await manager.tokens.revoke(record.id);
  const answer = await ask("GET /tasks", token);
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  const basic = await fetch(`${api.url}/tasks`, { headers: { authorization: "Basic YTpi" } });
  expect(basic.status).toBe(401);
});

test("a client that lacks a token is told what to do", async () => {
  const refused = createClient({ url: api.url }).tasks.list();
  await expect(refused).rejects.toMatchObject({
    code: "UNAUTHORIZED",
    hint: expect.stringContaining("prop target add <name> <url> --token-stdin"),
  });
  const token = await tokenOf("read");
  const client = createClient({ url: api.url, token });
  expect(await client.tasks.list()).toMatchObject({ total: 0 });
  await expect(client.tasks.create({ name: "x" })).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("tokens are made, listed without what they say, and revoked over HTTP", async () => {
  const admin = createClient({ url: api.url, token: await tokenOf("admin") });
  const made = await admin.tokens.create({ name: "ci", scope: "deploy", expires_in_seconds: 60 });
  expect(Date.parse(made.expires_at ?? "") - Date.parse(made.created_at)).toBe(60_000);
  const listed = await admin.tokens.list();
  expect(listed.map(({ name }) => name).sort()).toEqual(["admin", "ci"]);
  expect(JSON.stringify(listed)).not.toMatch(/hash|prop_/);
  const ci = createClient({ url: api.url, token: made.token });
  await ci.tasks.create({ name: "x" });
  await admin.tokens.revoke(made.id);
  await expect(ci.tasks.create({ name: "x" })).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  await expect(admin.tokens.revoke(made.id)).rejects.toMatchObject({ code: "TOKEN_NOT_FOUND" });
  await expect(admin.tokens.create({ name: "a b", scope: "read" })).rejects.toMatchObject({
    code: "TOKEN_INVALID",
  });
});

test("a stream of events ends with its token", async () => {
  const { token, record } = await manager.tokens.create({ name: "ci", scope: "read" });
  const opened = await ask("GET /events", token);
  const text = opened.text();
  await manager.tokens.revoke(record.id);
  expect(await text).toContain("retry:");
  expect(manager.followers()).toBe(0);
  const followed = createClient({ url: api.url, token }).follow()[Symbol.asyncIterator]();
  await expect(followed.next()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
});

test("one client may hold a hundred streams of events, another still gets one", async () => {
  const [busy, other] = [await tokenOf("read"), await tokenOf("read")];
  const streams = await Promise.all(Array.from({ length: 100 }, () => ask("GET /events", busy)));
  expect(streams.every(({ status }) => status === 200)).toBe(true);
  const refused = await ask("GET /events", busy);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  const another = await ask("GET /events", other);
  expect(another.status).toBe(200);
  await Promise.all([...streams, another].map(({ body }) => body?.cancel()));
});

test("an address that guesses tokens too fast has to wait, who has one does not", async () => {
  await api.close();
  api = await serve({ auth: "token", requestsPerSecond: 5 });
  const guesses = await Promise.all(Array.from({ length: 12 }, () => ask("GET /tasks", "prop_guess")));
  const refused = guesses.filter(({ status }) => status === 429);
  expect(guesses.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(5);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.headers.get("retry-after")).toBe("1");
  expect(await refused[0]?.json()).toEqual({ error: "more than 5 requests a second" });
  expect((await ask("GET /tasks", await tokenOf("read"))).status).toBe(200);
});

test("on this machine alone nothing is asked and nothing limited; elsewhere both, unless told otherwise", async () => {
  await api.close();
  api = await serve({});
  expect((await ask("GET /tasks")).status).toBe(200);
  await api.close();
  api = await serve({ host: "0.0.0.0" });
  expect((await ask("GET /tasks")).status).toBe(401);
  await api.close();
  api = await serve({ host: "0.0.0.0", auth: "none" });
  expect((await ask("GET /tasks")).status).toBe(200);
});

test("a body without a module may have 2 MiB, one with a module more", async () => {
  await api.close();
  api = await serve({});
  const big = JSON.stringify({ name: "ci", scope: "read", padding: "x".repeat(2 * 1024 * 1024) });
  const json = { method: "POST", headers: { "content-type": "application/json" }, body: big };
  const refused = await fetch(`${api.url}/tokens`, json);
  expect(refused.status).toBe(413);
  expect(decodeURIComponent(refused.headers.get("x-prop-hint") ?? "")).toBe(
    "here it may have 2 MiB; bytes in base64, at most 1.5 MiB of them",
  );
  expect((await fetch(`${api.url}/tasks`, json)).status).toBe(201);
});

test("a connection that never finishes its headers is ended", async () => {
  const socket = connect(api.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toContain("408 Request Timeout");
  await once(socket, "close");
});
