/** The end of the API, and the routes that empty a proplet. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Api, createApi } from "../../src/api/server.ts";
import { type FakeManager, fakeManager, fakeProplet, fakeTask } from "../../src/api/testing/fake-manager.ts";
import { PropError } from "../../src/errors.ts";

let manager: FakeManager;
let api: Api;

beforeEach(async () => {
  manager = fakeManager();
  api = await createApi({ manager, port: 0, version: "1.2.3" });
});
afterEach(() => api.close());

async function ask(method: string, path: string, body?: object) {
  const response = await fetch(`${api.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

/** An invocation that is under way until it is answered. */
function underWay() {
  const begun = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  manager.functions.invoke = () => {
    begun.resolve();
    return answer.promise;
  };
  const asked = ask("POST", "/functions/add/invoke", {});
  return { begun: begun.promise, answer: answer.resolve, asked };
}

test("an API that closes answers what is under way, and tells what comes to come again", async () => {
  const { begun, answer, asked } = underWay();
  await begun;
  const closed = api.close({ graceMs: 60_000 });
  const refused = await ask("GET", "/tasks");
  expect(refused).toMatchObject({ status: 503, body: { error: "the manager is shutting down" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  answer("5");
  expect(await asked).toMatchObject({ status: 200, body: { results: "5" } });
  await closed;
  await expect(ask("GET", "/tasks")).rejects.toThrow();
});

test("an API that closes waits no longer than its grace time", async () => {
  const { begun, asked } = underWay();
  await begun;
  const broken = expect(asked).rejects.toThrow();
  await api.close({ graceMs: 10 });
  await broken;
});

test.each(["MANAGER_CLOSING", "STORE_FAILED"])("%s is a 503 that says when to come again", async (code) => {
  manager.tasks.list = () => Promise.reject(new PropError({ code, message: "not now" }));
  const { status, headers, body } = await ask("GET", "/tasks");
  expect({ status, body }).toEqual({ status: 503, body: { error: "not now" } });
  expect(headers.get("retry-after")).toBe("2");
});

test("a proplet is cordoned, drained and uncordoned, and shows it", async () => {
  manager.stored.proplets.set("edge-1", fakeProplet());
  expect((await ask("GET", "/proplets/edge-1")).body).not.toHaveProperty("cordoned");
  expect(await ask("POST", "/proplets/edge-1/cordon")).toMatchObject({
    status: 200,
    body: { cordoned: true },
  });
  const drained = await ask("POST", "/proplets/edge-1/drain", { grace: 1.5 });
  expect(drained).toMatchObject({ status: 200, body: { cordoned: true, draining: true, task_count: 0 } });
  await ask("POST", "/proplets/edge-1/drain");
  expect(manager.calls.filter(({ name }) => name === "drain").map(({ args }) => args[1])).toEqual([
    { graceMs: 1_500 },
    { graceMs: 30_000 },
  ]);
  const { body } = await ask("POST", "/proplets/edge-1/uncordon");
  expect(body).not.toHaveProperty("cordoned");
  expect(body).not.toHaveProperty("draining");
});

test("the drain of an unknown proplet is a 404, a grace that is none a 400", async () => {
  expect(await ask("POST", "/proplets/nobody/drain")).toMatchObject({ status: 404 });
  manager.stored.proplets.set("edge-1", fakeProplet());
  expect(await ask("POST", "/proplets/edge-1/drain", { grace: -1 })).toMatchObject({ status: 400 });
  expect(await ask("POST", "/proplets/edge-1/drain", { grace: "soon" })).toMatchObject({ status: 400 });
});

test("the attempts at a task come in pages, oldest first", async () => {
  const task = fakeTask();
  manager.stored.tasks.set(task.id, task);
  const attempt = (n: number, fields: object) => ({
    ...{ task_id: task.id, attempt: n, proplet_id: "edge-1", dispatched_at: "2026-01-02T03:04:05Z" },
    ...fields,
  });
  const lost = {
    ended_at: "2026-01-02T03:04:06Z",
    outcome: "lost" as const,
    reason: "proplet edge-1 restarted",
  };
  const records = [attempt(1, lost), attempt(2, { outcome: "completed" as const })];
  manager.stored.attempts.set(task.id, records);
  const { status, body } = await ask("GET", `/tasks/${task.id}/attempts?limit=1`);
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      ...{ offset: 0, limit: 1, total: 2 },
      attempts: [{ attempt: 1, proplet_id: "edge-1", dispatched_at: "2026-01-02T03:04:05Z", ...lost }],
    },
  });
  expect(await ask("GET", "/tasks/00000000-0000-4000-8000-000000000000/attempts")).toMatchObject({
    status: 404,
  });
});
