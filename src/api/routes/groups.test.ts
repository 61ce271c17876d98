import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApi } from "../server.ts";
import { type FakeManager, fakeManager } from "../testing/fake-manager.ts";

let manager: FakeManager;
let api: Awaited<ReturnType<typeof createApi>>;
beforeEach(async () => {
  manager = fakeManager();
  api = await createApi({ manager, port: 0, version: "1.2.3" });
});
afterEach(() => api.close());

async function send(method: string, path: string, json?: unknown) {
  const response = await fetch(`${api.url}${path}`, {
    method,
    ...(json === undefined
      ? {}
      : { body: JSON.stringify(json), headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  return {
    status: response.status,
    location: response.headers.get("location"),
    body: text === "" ? undefined : JSON.parse(text),
  };
}
const tasks = [{ name: "a" }, { name: "b" }];

describe("/jobs", () => {
  it("creates a job, says where it is, and shows its id and its tasks and no more", async () => {
    const { status, location, body } = await send("POST", "/jobs", { name: "j", tasks });
    expect({ status, location }).toEqual({ status: 201, location: `/jobs/${body.job_id}` });
    expect(Object.keys(body)).toEqual(["job_id", "tasks"]);
    expect(body.tasks.map(({ name }: { name: string }) => name)).toEqual(["a", "b"]);
    expect((await send("GET", `/jobs/${body.job_id}`)).body).toEqual(body);
  });

  it("takes null in a task's field for a field that isn't there, as Go clients write it", async () => {
    const { status } = await send("POST", "/jobs", { tasks: [{ name: "a", cli_args: null, env: null }] });
    expect(status).toBe(201);
  });

  it("shows counts in the place of tasks where it is asked for a summary", async () => {
    const { body: job } = await send("POST", "/jobs", { name: "j", tasks });
    const { body } = await send("GET", "/jobs?summary=true");
    expect(body).toMatchObject({
      total: 1,
      jobs: [{ job_id: job.job_id, execution_mode: "parallel", total: 2, counts: { pending: 2 } }],
    });
    expect(body.jobs[0]).not.toHaveProperty("tasks");
    const part = await send("GET", `/jobs/${job.job_id}?summary=true&offset=1&limit=1`);
    expect(part.body).toMatchObject({ total: 2, tasks: [{ name: "b" }] });
  });

  it("starts, stops and deletes a job", async () => {
    const { body: job } = await send("POST", "/jobs", { tasks });
    const at = `/jobs/${job.job_id}`;
    expect((await send("POST", `${at}/start`)).body).toEqual({ job_id: job.job_id, message: "job started" });
    expect((await send("POST", `${at}/stop`)).body).toEqual({ job_id: job.job_id, message: "job stopped" });
    expect((await send("DELETE", at)).status).toBe(204);
    expect((await send("GET", at)).status).toBe(404);
  });

  it("refuses an id that is no UUID, a mode and a status that don't exist", async () => {
    expect((await send("GET", "/jobs/7")).status).toBe(400);
    expect(await send("POST", "/jobs", { tasks, execution_mode: "sometimes" })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('"sometimes"') },
    });
    expect(await send("GET", "/jobs?status=odd")).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining("invalid job status") },
    });
    expect((await send("POST", `/jobs/${randomUUID()}/start`)).status).toBe(404);
  });
});

describe("/workflows", () => {
  it("answers the creation with the tasks alone, which say what workflow they are of", async () => {
    const { status, location, body } = await send("POST", "/workflows", { tasks });
    expect({ status, location }).toEqual({ status: 201, location: null });
    expect(Object.keys(body)).toEqual(["tasks"]);
    const id = body.tasks[0].workflow_id;
    expect((await send("GET", `/workflows/${id}`)).body).toMatchObject({ workflow_id: id, state: 0 });
    expect((await send("GET", "/workflows")).body).toMatchObject({
      total: 1,
      workflows: [{ workflow_id: id }],
    });
  });

  it("starts, stops and deletes a workflow", async () => {
    const { body } = await send("POST", "/workflows", { tasks });
    const id = body.tasks[0].workflow_id;
    const started = await send("POST", `/workflows/${id}/start`);
    expect(started.body).toEqual({ workflow_id: id, message: "workflow started" });
    expect((await send("POST", `/workflows/${id}/stop`)).status).toBe(200);
    expect((await send("DELETE", `/workflows/${id}`)).status).toBe(204);
    expect((await send("GET", `/workflows/${id}`)).status).toBe(404);
    expect((await send("GET", "/workflows/7")).status).toBe(400);
  });
});
