/** Lists and errors as the wire contract has them, where the record is silent. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, createApi } from "../../src/api/server.ts";
import { type Rig, startRig } from "../support/rig.ts";
import { asking, type Json, joinPlainly } from "./plain-peer.ts";
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

const BAD = "something went wrong with the request\n";

async function created(task: object): Promise<string> {
  const { status, body } = await ask("POST /tasks", { name: "add", file: ADD, ...task });
  expect(status).toBe(201);
  return body.id;
}

describe("lists", () => {
  const lists: [string, string][] = [
    ["/tasks", "tasks"],
    ["/proplets", "proplets"],
    ["/jobs", "jobs"],
    [`/tasks/${randomUUID()}/metrics`, "metrics"],
  ];

  it.each(lists)("%s is a page from 0 of up to 100 items, and takes up to 1,000", async (path, items) => {
    const id = await created({});
    const known = path.replace(/[0-9a-f-]{36}/, id);
    const page = (await ask(`GET ${known}`)).body;
    expect(Object.keys(page)).toEqual(["offset", "limit", "total", items]);
    expect(page).toMatchObject({ offset: 0, limit: 100, [items]: expect.any(Array) });
    expect((await ask(`GET ${known}?offset=3&limit=1000`)).body).toMatchObject({ offset: 3, limit: 1_000 });
    for (const query of ["limit=1001", "limit=-1", "limit=x", "offset=-1", "offset=1.5"]) {
      const { status, body } = await ask(`GET ${known}?${query}`);
      expect(`${query} ${status} ${body.error.startsWith(BAD)}`).toBe(`${query} 400 true`);
    }
  });

  it("have no items where none is asked for, but for those of tasks", async () => {
    for (const path of ["/proplets", "/jobs", `/proplets/${proplet.id}/alive-history`]) {
      expect(await ask(`GET ${path}?limit=0`)).toMatchObject({ status: 200, body: { limit: 0 } });
    }
    expect((await ask("GET /tasks?limit=0")).status).toBe(400);
  });

  it("are also found with a slash at their end", async () => {
    for (const path of ["/tasks/", "/proplets/", "/jobs/", `/proplets/${proplet.id}/`]) {
      expect(`${path} ${(await ask(`GET ${path}`)).status}`).toBe(`${path} 200`);
    }
    expect((await ask("PATCH /tasks/")).status).toBe(405);
  });

  it("of tasks are filtered by what their metadata contain, at any depth", async () => {
    const mark = randomUUID();
    const id = await created({ metadata: { mark, site: { name: "a", floors: [1, 2] } } });
    const found = async (filter: unknown) => {
      const query = encodeURIComponent(JSON.stringify(filter));
      return (await ask(`GET /tasks?metadata=${query}`)).body.tasks.map((task: Json) => task.id);
    };
    expect(await found({ mark })).toEqual([id]);
    expect(await found({ mark, site: { name: "a" } })).toEqual([id]);
    expect(await found({ mark, site: { name: "b" } })).toEqual([]);
    expect((await ask("GET /tasks?metadata=null")).status).toBe(200);
    expect((await ask("GET /tasks?metadata=[1]")).status).toBe(400);
  });

  it("of proplets and jobs are filtered by their state, and by nothing that is none", async () => {
    for (const status of ["active", "inactive"]) {
      expect((await ask(`GET /proplets?status=${status}`)).status).toBe(200);
    }
    for (const status of ["pending", "running", "completed", "failed"]) {
      expect((await ask(`GET /jobs?status=${status}`)).status).toBe(200);
    }
    expect((await ask("GET /jobs?status=odd")).body.error).toBe(`${BAD}invalid job status`);
  });
});

describe("errors", () => {
  it("are 400 for an id that is no UUID, on every route of a task and a job", async () => {
    const routes = [
      ...["GET", "DELETE"].map((method) => `${method} /tasks/abc`),
      ...["start", "stop", "invoke"].map((verb) => `POST /tasks/abc/${verb}`),
      ...["results"].map((what) => `GET /tasks/abc/${what}`),
      ...["start", "stop"].map((verb) => `POST /jobs/abc/${verb}`),
      "GET /jobs/abc",
    ];
    for (const route of routes) {
      const { status, body } = await ask(route);
      expect(`${route} ${status} ${body.error}`).toBe(`${route} 400 ${BAD}invalid query parameters`);
    }
  });

  it("are 404 for what is not there", async () => {
    const id = randomUUID();
    const routes = [
      ...["start", "stop", "invoke"].map((verb) => `POST /tasks/${id}/${verb}`),
      ...["", "/results"].map((what) => `GET /tasks/${id}${what}`),
      ...["", "/alive-history", "/sdf"].map((what) => `GET /proplets/${id}${what}`),
      ...[`DELETE /tasks/${id}`, `DELETE /proplets/${id}`, `POST /jobs/${id}/start`],
    ];
    for (const route of routes) {
      const { status, body } = await ask(route);
      expect(`${route} ${status} ${body.error}`).toBe(`${route} 404 not found`);
    }
  });

  it("are 400 for a body of another content type, on every route that takes one", async () => {
    const id = await created({});
    for (const route of ["POST /tasks", `PUT /tasks/${id}`, "POST /jobs", "POST /workflows"]) {
      const { status, body } = await ask(route, {}, { "content-type": "text/plain" });
      expect(`${route} ${status} ${body.error}`).toBe(`${route} 400 ${BAD}unsupported content type`);
    }
  });

  it("say that there is no coordinator, on every route of federated learning", async () => {
    const routes = [
      "POST /fl/experiments",
      "GET /fl/task?round_id=r&proplet_id=p",
      "POST /fl/update",
      "POST /fl/update_cbor",
      "GET /fl/rounds/r/complete",
    ];
    for (const route of routes) {
      const { status, body } = await ask(route, route.startsWith("POST") ? {} : undefined);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body.error).toContain("coordinator");
    }
  });
});

it("tells Prometheus in its text format", async () => {
  const { status, body } = await ask("GET /metrics");
  expect(status).toBe(200);
  expect(body).toMatch(/^# HELP \w+ .+\n# TYPE \w+ (counter|gauge|histogram)$/m);
});
