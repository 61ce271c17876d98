import { afterEach, beforeEach, expect, it } from "vitest";
import { PropError } from "../errors.ts";
import { createApi } from "./server.ts";
import { type FakeManager, fakeManager, fakeTask } from "./testing/fake-manager.ts";

let manager: FakeManager;
let failure: PropError | undefined;
let api: Awaited<ReturnType<typeof createApi>>;
beforeEach(async () => {
  failure = new PropError({ code: "STORE_FAILED", message: "the store could not be written: disk full" });
  manager = { ...fakeManager(), storeFailure: () => failure };
  api = await createApi({ manager, port: 0, version: "1.2.3" });
});
afterEach(() => api.close());

const send = (method: string, path: string, json?: unknown) =>
  fetch(`${api.url}${path}`, {
    method,
    ...(json === undefined
      ? {}
      : { body: JSON.stringify(json), headers: { "content-type": "application/json" } }),
  });

it("new work is refused while the store fails, before the manager sees it, and taken again afterwards", async () => {
  const refused = await send("POST", "/tasks", { name: "add" });
  expect(refused.status).toBe(503);
  expect(refused.headers.get("x-prop-code")).toBe("STORE_FAILED");
  expect(refused.headers.get("retry-after")).not.toBeNull();
  expect(await refused.json()).toEqual({ error: "the store could not be written: disk full" });
  expect(manager.stored.tasks.size).toBe(0);
  failure = undefined;
  expect((await send("POST", "/tasks", { name: "add" })).status).toBe(201);
});

it("what is there is still shown, stopped and deleted while the store fails, and /health tells", async () => {
  const task = fakeTask();
  manager.stored.tasks.set(task.id, task);
  expect((await send("GET", `/tasks/${task.id}`)).status).toBe(200);
  expect((await send("DELETE", `/tasks/${task.id}`)).status).toBe(204);
  const health = await (await send("GET", "/health")).json();
  expect(health).toMatchObject({ status: "warn", output: "the store could not be written: disk full" });
});
