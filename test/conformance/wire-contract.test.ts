/** Tasks, jobs and proplets as the wire contract has them, where the record is silent. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, createApi } from "../../src/api/server.ts";
import { connectInProcess } from "../../src/transport/in-process.ts";
import { createInbox } from "../support/inbox.ts";
import { type Rig, silentLog, startRig } from "../support/rig.ts";
import { asking, BASE, type Json, joinPlainly, RFC_3339 } from "./plain-peer.ts";
import { ADD } from "./recorded-requests.ts";

let rig: Rig;
let api: Api;
let proplet: Awaited<ReturnType<typeof joinPlainly>>;
let ask: ReturnType<typeof asking>;

beforeAll(async () => {
  rig = await startRig();
  api = await createApi({ manager: rig.manager, port: 0, version: "dev" });
  ask = asking(api.url);
  proplet = await joinPlainly(rig, randomUUID());
});
afterAll(async () => {
  await proplet.close();
  await api.close();
  await rig.close();
});

const UNSET = "0001-01-01T00:00:00Z";

async function created(task: object): Promise<string> {
  const { status, body } = await ask("POST /tasks", { name: "add", file: ADD, ...task });
  expect(status).toBe(201);
  return body.id;
}

const settled = (id: string, state: number) =>
  expect.poll(async () => (await ask(`GET /tasks/${id}`)).body.state).toBe(state);

describe("a task", () => {
  it("is shown with every field that it was given, and sent with those that a proplet needs", async () => {
    const given = {
      name: "f",
      kind: "federated",
      image_url: "https://modules.example/f.wasm",
      cli_args: ["--invoke", "f"],
      env: { A: "b" },
      encrypted: true,
      kbs_resource_path: "default/key/1",
      hal_storage_path: "/data",
      mode: "train",
      proplet_id: proplet.id,
      metadata: { any: ["thing", { deep: null }] },
    };
    const { body } = await ask("POST /tasks", { ...given, inputs: [1, "2", 3.5], priority: 100 });
    expect(body).toMatchObject({ ...given, inputs: ["1", "2", "3.5"], priority: 100, state: 0 });
    expect((await ask(`POST /tasks/${body.id}/start`)).body).toEqual({ started: true });
    const { payload } = await proplet.command("start", body.id);
    const { kind: _, mode: __, metadata: ___, ...sent } = given;
    expect(payload).toEqual({
      ...sent,
      id: body.id,
      state: 0,
      inputs: ["1", "2", "3.5"],
      broadcast: false,
      daemon: false,
      latent: false,
    });
    await proplet.finish(body.id, { weights: [1, 2] });
    await settled(body.id, 3);
    expect((await ask(`GET /tasks/${body.id}/results`)).body).toEqual({ results: { weights: [1, 2] } });
  });

  it("leaves out what it was not given, and what is empty", async () => {
    const empty = {
      kind: "",
      mode: "",
      env: {},
      metadata: {},
      inputs: null,
      cli_args: null,
      image_url: null,
    };
    const { body } = await ask("POST /tasks", { name: "x", ...empty });
    expect(body).toEqual({
      id: expect.any(String),
      name: "x",
      kind: "standard",
      state: 0,
      cli_args: null,
      daemon: false,
      encrypted: false,
      start_time: UNSET,
      finish_time: UNSET,
      created_at: expect.stringMatching(RFC_3339),
      updated_at: UNSET,
      next_run: UNSET,
      priority: 50,
    });
  });

  it("says when its schedule runs next, in the zone that it names", async () => {
    const { body } = await ask("POST /tasks", {
      name: "x",
      file: ADD,
      schedule: "30 9 * * *",
      timezone: "Asia/Kolkata",
    });
    expect(body).toMatchObject({ schedule: "30 9 * * *", timezone: "Asia/Kolkata" });
    expect(body.next_run).toMatch(/T04:00:00(\.000)?Z$/);
    expect(body).not.toHaveProperty("is_recurring");
    await ask(`DELETE /tasks/${body.id}`);
  });

  it("has priority 50 where a client says 0, which clients in Go leave out", async () => {
    const { body } = await ask("POST /tasks", { name: "x", priority: 0 });
    expect(body).toMatchObject({ priority: 50 });
    await ask(`PUT /tasks/${body.id}`, { priority: 70 });
    expect((await ask(`PUT /tasks/${body.id}`, { priority: 0 })).body).toMatchObject({ priority: 70 });
    await ask(`DELETE /tasks/${body.id}`);
  });

  it("has no schedule any more once it is changed without one", async () => {
    const { body } = await ask("POST /tasks", { name: "x", schedule: "0 9 * * *", is_recurring: true });
    expect(body).toMatchObject({ schedule: "0 9 * * *", next_run: expect.stringContaining("T09:00:00") });
    const changed = await ask(`PUT /tasks/${body.id}`, { name: "y" });
    expect(changed.body).toMatchObject({ name: "y", next_run: "0001-01-01T00:00:00Z" });
    expect(changed.body).not.toHaveProperty("schedule");
    expect(changed.body).not.toHaveProperty("is_recurring");
    await ask(`DELETE /tasks/${body.id}`);
  });

  it("has no results where its proplet sent null", async () => {
    const id = await created({});
    await ask(`POST /tasks/${id}/start`);
    await proplet.command("start", id);
    await proplet.send(`${BASE}/control/proplet/results`, { task_id: id, results: null, error: null });
    await settled(id, 3);
    expect((await ask(`GET /tasks/${id}`)).body).not.toHaveProperty("results");
  });

  it("may have metadata of 1 MB, and no more", async () => {
    const ofBytes = (bytes: number) =>
      ask("POST /tasks", { name: "x", metadata: { m: "y".repeat(bytes - 8) } });
    expect((await ofBytes(1_048_576)).status).toBe(201);
    expect((await ofBytes(1_048_577)).status).toBe(400);
  });

  it("is loaded again and invoked again where its proplet lost it", async () => {
    const id = await created({ latent: true });
    await ask(`POST /tasks/${id}/start`);
    await proplet.command("start", id);
    await proplet.finish(id, "");
    await settled(id, 2);
    const invoked = ask(`POST /tasks/${id}/invoke`, { inputs: [1, "2"], env: { K: "v" } });
    const { payload: first } = await proplet.command("invoke", id);
    expect(first).toMatchObject({
      id,
      broadcast: false,
      proplet_id: proplet.id,
      inputs: ["1", "2"],
      env: { K: "v" },
    });
    const answer = (invocation_id: string, results: string, error: string | null) =>
      proplet.send(`${BASE}/control/proplet/invoke_results`, {
        task_id: id,
        invocation_id,
        proplet_id: proplet.id,
        results,
        error,
      });
    await answer(first.invocation_id, "", `component ${id} has not been precompiled`);
    await proplet.command("start", id);
    await proplet.finish(id, "");
    const { payload: second } = await proplet.command("invoke", id);
    await answer(second.invocation_id, "3", null);
    expect(await invoked).toEqual({ status: 200, body: { invoked: true, results: "3" } });
    expect(await ask(`POST /tasks/${id}/stop`)).toEqual({ status: 200, body: { stopped: true } });
    const { payload: stop } = await proplet.command("stop", id);
    expect(stop).toEqual({ id, broadcast: false, proplet_id: proplet.id });
  });
});

describe("a job and a workflow", () => {
  it("stops what a job runs", async () => {
    const tasks = [{ name: "a", file: ADD, daemon: true }];
    const { body: job } = await ask("POST /jobs", { name: "j", tasks, execution_mode: "parallel" });
    expect((await ask(`POST /jobs/${job.job_id}/start`)).body).toMatchObject({ job_id: job.job_id });
    await proplet.command("start", job.tasks[0].id);
    expect(await ask(`POST /jobs/${job.job_id}/stop`)).toEqual({
      status: 200,
      body: { job_id: job.job_id, message: "job stopped" },
    });
    expect((await proplet.command("stop", job.tasks[0].id)).payload.proplet_id).toBe(proplet.id);
  });

  it("follows what depends on what where a job says configurable", async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const tasks = [
      { id: b, name: "b", file: ADD, depends_on: [a] },
      { id: a, name: "a", file: ADD },
    ];
    const { body: job } = await ask("POST /jobs", { name: "j", tasks, execution_mode: "configurable" });
    expect(job.tasks.map(({ id }: Json) => id)).toEqual([b, a]);
    await ask(`POST /jobs/${job.job_id}/start`);
    await proplet.command("start", a);
    await proplet.finish(a, "1");
    const { payload } = await proplet.command("start", b);
    expect(payload.parent_results).toEqual({ [a]: "1" });
    await proplet.finish(b, "2");
    await expect
      .poll(async () => (await ask("GET /jobs?status=completed")).body.jobs.map(({ job_id }: Json) => job_id))
      .toContain(job.job_id);
  });
});

describe("a proplet", () => {
  it("may ask for an image by the longest reference that there is", async () => {
    const image = `registry.example/${"a".repeat(238)}:${"t".repeat(128)}@sha256:${"0".repeat(64)}`;
    const asked = createInbox<string>();
    const manager = await startRig({ log: { ...silentLog, warn: (line) => asked.put(line) } });
    const transport = connectInProcess(manager.broker, { clientId: "p", qos: 1 });
    await transport.publish(`${BASE}/registry/proplet`, JSON.stringify({ app_name: image }));
    await transport.publish(`${BASE}/registry/proplet`, JSON.stringify({ app_name: "" }));
    expect(await asked.take()).toContain("must not have fewer than 1");
    await transport.close();
    await manager.close();
  });

  it("is registered by a heartbeat from nowhere, and gone by its will", async () => {
    const id = randomUUID();
    const alive = `${BASE}/control/proplet/alive`;
    await proplet.send(alive, { proplet_id: id, status: "alive", namespace: "edge" });
    await expect.poll(async () => (await ask(`GET /proplets/${id}`)).body.alive).toBe(true);
    await proplet.send(alive, { proplet_id: id, status: "offline", namespace: "edge" }, { retain: true });
    await expect.poll(async () => (await ask(`GET /proplets/${id}`)).body.alive).toBe(false);
    expect((await ask(`DELETE /proplets/${id}`)).status).toBe(204);
  });

  it("is shown with its figures, whatever its clock and its numbers are like", async () => {
    const sample = (timestamp: unknown, rss_bytes = 4) =>
      proplet.send(`${BASE}/control/proplet/metrics`, {
        proplet_id: proplet.id,
        namespace: "edge",
        timestamp,
        cpu_metrics: { user_seconds: 1.5, system_seconds: 2, percent: 3.25 },
        memory_metrics: { rss_bytes },
      });
    await sample({ secs_since_epoch: 1_795_473_026, nanos_since_epoch: 500_000_000 });
    await sample(86_400_000, 4.5);
    await sample({ secs_since_epoch: 1e12, nanos_since_epoch: 0 }, -1);
    const page = async () => (await ask(`GET /proplets/${proplet.id}/metrics`)).body.metrics;
    await expect.poll(async () => (await page()).length).toBe(3);
    const times = (await page()).map(({ timestamp }: Json) => timestamp);
    expect(times).toContain("2026-11-23T22:30:26.500Z");
    for (const time of times) expect(time).toMatch(RFC_3339);
    for (const { cpu_metrics, memory_metrics } of await page()) {
      expect(cpu_metrics).toEqual({ user_seconds: 1.5, system_seconds: 2, percent: 3.25 });
      expect(
        Object.values(memory_metrics).every((value) => Number.isInteger(value) && Number(value) >= 0),
      ).toBe(true);
    }
  });
});
