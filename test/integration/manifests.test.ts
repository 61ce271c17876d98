/** Manifests, through the API to a manager and back. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Client, createClient } from "../../src/api/client.ts";
import { type Api, createApi } from "../../src/api/server.ts";
import { checkManifest } from "../../src/model/manifest/check-manifest.ts";
import type { Kind, Manifest } from "../../src/model/manifest/kinds.ts";
import { type FakeProplet, joinAs, ourFeatures } from "../support/fake-proplet.ts";
import { type Rig, startRig } from "../support/rig.ts";

const module = Buffer.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0,
  10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11,
]).toString("base64");

let rig: Rig;
let api: Api;
let client: Client;
let proplet: FakeProplet;

beforeEach(async () => {
  rig = await startRig();
  await serve();
  proplet = await joinAs({
    broker: rig.broker,
    topics: rig.topics,
    id: "edge-1",
    features: ourFeatures,
    bootId: "b",
  });
});
afterEach(async () => {
  await api.close();
  await rig.close();
});

async function serve(): Promise<void> {
  api = await createApi({ manager: rig.manager, port: 0, version: "test" });
  client = createClient({ url: api.url });
}

async function restart(meanwhile?: () => Promise<unknown>): Promise<void> {
  await api.close();
  await rig.restart(meanwhile);
  await serve();
}

function manifest(kind: Kind, name: string, spec: object, metadata: object = {}): Manifest {
  const apiVersion = "propeller.absmach.fr/v1alpha1";
  const checked = checkManifest({ apiVersion, kind, metadata: { name, ...metadata }, spec });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.manifest;
}

const add = (fields: object = {}, metadata: object = {}) =>
  manifest("Task", "add", { module, inputs: [2, 3], ...fields }, metadata);
const key = (kind: Kind, name: string, namespace = "default") => ({ kind, namespace, name });
const outcomes = async (...manifests: Manifest[]) =>
  (await Promise.all(manifests.map((one) => client.manifests.apply(one)))).map(({ outcome }) => outcome);

describe("a task", () => {
  it("is created and started, and no second time", async () => {
    const first = await client.manifests.apply(add());
    expect(first).toMatchObject({ outcome: "created", changes: [], warnings: [] });
    const start = await proplet.next("start");
    expect(start).toMatchObject({ id: first.object_id, name: "add", inputs: ["2", "3"] });
    await proplet.finish(start, "5");
    expect(await client.manifests.apply(add())).toMatchObject({
      outcome: "unchanged",
      object_id: first.object_id,
    });
    expect((await client.tasks.list()).total).toBe(1);
  });

  it("takes away what an earlier change could not, before it is changed again", async () => {
    const first = await client.manifests.apply(add());
    const { commit } = rig.store;
    rig.store.commit = (changes, options) =>
      changes.some(({ kind }) => kind === "taskDeleted")
        ? Promise.reject(new Error("disk full"))
        : commit(changes, options);
    await expect(rig.manager.manifests.apply(add({ inputs: [3, 4] }))).rejects.toThrow("disk full");
    rig.store.commit = commit;
    const third = await client.manifests.apply(add({ inputs: [4, 5] }));
    const left = (await client.tasks.list()).tasks.map(({ id }) => id);
    expect(left).toEqual([third.object_id]);
    expect(left).not.toContain(first.object_id);
  });

  it("is shown by the name of its manifest, with a spec that applies as unchanged", async () => {
    await client.manifests.apply(add({}, { labels: { team: "edge" } }));
    const shown = await client.manifests.get(key("Task", "add"));
    expect(shown).toMatchObject({
      metadata: { name: "add", labels: { team: "edge" } },
      status: { phase: "Scheduled" },
    });
    const checked = checkManifest(shown);
    expect(checked.ok && (await client.manifests.apply(checked.manifest)).outcome).toBe("unchanged");
  });

  it("whose spec has changed runs anew, and the one before is stopped and gone", async () => {
    const first = await client.manifests.apply(add());
    await proplet.accept(await proplet.next("start"));
    const second = await client.manifests.apply(add({ inputs: [4, 5], priority: 80 }));
    expect(second).toMatchObject({
      outcome: "configured",
      changes: [
        { path: "spec.inputs", before: [2, 3], after: [4, 5] },
        { path: "spec.priority", after: 80 },
      ],
    });
    expect(await proplet.next("stop")).toMatchObject({ id: first.object_id });
    expect(await proplet.next("start")).toMatchObject({ id: second.object_id, inputs: ["4", "5"] });
    expect((await client.tasks.list()).tasks.map(({ id }) => id)).toEqual([second.object_id]);
  });

  it("goes on where only its labels have changed", async () => {
    const { object_id } = await client.manifests.apply(add());
    const labelled = await client.manifests.apply(add({}, { labels: { a: "b" } }));
    expect(labelled).toMatchObject({
      outcome: "configured",
      object_id,
      changes: [{ path: "metadata.labels", after: { a: "b" } }],
    });
    expect((await client.manifests.get(key("Task", "add"))).metadata.labels).toEqual({ a: "b" });
  });

  it("is the same after the manager was restarted", async () => {
    const { object_id } = await client.manifests.apply(add());
    await restart();
    expect(await client.manifests.apply(add())).toMatchObject({ outcome: "unchanged", object_id });
  });

  it("that was deleted by its id is created anew", async () => {
    const { object_id = "" } = await client.manifests.apply(add());
    await client.tasks.delete(object_id);
    await expect(client.manifests.get(key("Task", "add"))).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    expect(await outcomes(add())).toEqual(["created"]);
  });

  it("is made once by many who apply it at the same time", async () => {
    const same = Array.from({ length: 8 }, () => add());
    expect((await outcomes(...same)).sort()).toEqual(["created", ...Array(7).fill("unchanged")]);
    const different = Array.from({ length: 8 }, (_, index) => add({ inputs: [index, index] }));
    await outcomes(...different);
    expect((await client.tasks.list()).total).toBe(1);
  });

  it("of another namespace is another task", async () => {
    await client.manifests.apply(add());
    expect(await outcomes(add({}, { namespace: "lab" }))).toEqual(["created"]);
    const { items } = await client.manifests.list("Task");
    expect(items.map(({ metadata }) => metadata.namespace)).toEqual(["default", "lab"]);
    await client.manifests.delete(key("Task", "add", "lab"));
    expect((await client.manifests.list("Task")).total).toBe(1);
  });

  it("with a schedule waits for it", async () => {
    await client.manifests.apply(add({ schedule: { cron: "0 0 1 1 *", timezone: "Europe/Madrid" } }));
    const { status } = await client.manifests.get(key("Task", "add"));
    expect(status).toMatchObject({ phase: "Pending", nextRun: expect.stringMatching(/-12-31T23:00:00/) });
  });

  it("that was replaced while the manager was cut off leaves nothing behind", async () => {
    const before = await client.manifests.apply(add());
    const record = await rig.store.manifest(key("Task", "add"));
    const after = await rig.manager.tasks.create({ name: "add", file: module }, { start: true });
    if (record === undefined) throw new Error("no record");
    const { object_id: retiring } = record;
    await rig.store.commit([{ kind: "manifest", manifest: { ...record, object_id: after.id, retiring } }]);
    await restart();
    expect((await client.tasks.list()).tasks.map(({ id }) => id)).toEqual([after.id]);
    expect(before.object_id).toBe(retiring);
    expect(await rig.store.unfinishedManifests()).toEqual([]);
  });
});

describe("a dry run", () => {
  it("tells what would change and changes nothing", async () => {
    expect(await client.manifests.apply(add(), { dryRun: true })).toMatchObject({ outcome: "created" });
    expect((await client.tasks.list()).total).toBe(0);
    const { object_id } = await client.manifests.apply(add());
    expect(await client.manifests.apply(add({ inputs: [1, 1] }), { dryRun: true })).toMatchObject({
      outcome: "configured",
      object_id,
      changes: [{ path: "spec.inputs", before: [2, 3], after: [1, 1] }],
    });
    expect(await client.manifests.apply(add())).toMatchObject({ outcome: "unchanged", object_id });
  });

  it("refuses what would be refused", async () => {
    const wrong = add({ schedule: { cron: "every day" } });
    await expect(client.manifests.apply(wrong, { dryRun: true })).rejects.toMatchObject({
      code: "TASK_INVALID",
    });
    // A client that checks nothing.
    const cycle = {
      apiVersion: "propeller.absmach.fr/v1alpha1",
      kind: "Workflow",
      metadata: { name: "cycle" },
      spec: {
        tasks: [
          { name: "a", module, dependsOn: ["b"] },
          { name: "b", module, dependsOn: ["a"] },
        ],
      },
    };
    const refused = client.manifests.apply(cycle as unknown as Manifest, { dryRun: true });
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining("a → b → a") });
  });
});

describe("a job and a workflow", () => {
  const spec = (inputs: number[]) => ({
    tasks: [
      { name: "second", module, dependsOn: ["first"] },
      { name: "first", module, inputs },
    ],
  });

  it.each([["Job"], ["Workflow"]] as const)(
    "(a %s) is started, and replaced where it has changed",
    async (kind) => {
      const mode = kind === "Job" ? { executionMode: "configurable" } : {};
      const chain = (inputs: number[]) => manifest(kind, "chain", { ...mode, ...spec(inputs) });
      const first = await client.manifests.apply(chain([1, 2]));
      expect(first.outcome).toBe("created");
      const start = await proplet.next("start");
      expect(start).toMatchObject({ name: "first", inputs: ["1", "2"] });
      await proplet.finish(start, "3");
      await proplet.finish(await proplet.next("start"), "0");
      expect(await outcomes(chain([1, 2]))).toEqual(["unchanged"]);
      expect(await outcomes(chain([7, 8]))).toEqual(["configured"]);
      expect(await proplet.next("start")).toMatchObject({ name: "first", inputs: ["7", "8"] });
      const { items } = await client.manifests.list(kind);
      expect(items).toMatchObject([{ metadata: { name: "chain" }, status: { tasks: 2 } }]);
      await client.manifests.delete(key(kind, "chain"));
      expect((await client.tasks.list()).total).toBe(0);
    },
  );
});

describe("a function", () => {
  const sum = (fields: object = {}) => manifest("Function", "sum", { module, export: "add", ...fields });

  async function applied(one: Manifest) {
    const applying = client.manifests.apply(one);
    await proplet.accept(await proplet.next("start"));
    return applying;
  }

  it("is deployed, and gets a new revision where its spec has changed", async () => {
    expect(await applied(sum())).toMatchObject({ outcome: "created", object_id: "sum" });
    expect(await outcomes(sum())).toEqual(["unchanged"]);
    expect(await applied(sum({ env: { A: "1" } }))).toMatchObject({ outcome: "configured" });
    const { status } = await client.manifests.get(key("Function", "sum"));
    expect(status).toMatchObject({ revision: 2, phase: "Running", propletId: "edge-1" });
  });

  it("that was deployed otherwise since is deployed again", async () => {
    await applied(sum());
    const deploying = client.functions.deploy("sum", { file: module });
    await proplet.accept(await proplet.next("start"));
    await deploying;
    expect((await applied(sum())).outcome).toBe("configured");
  });

  it("whose task was deleted is shown with that, and deployed again by a change", async () => {
    await applied(sum());
    const { status } = await client.manifests.get(key("Function", "sum"));
    await client.tasks.delete(status.taskId ?? "");
    const { items } = await client.manifests.list("Function");
    expect(items).toMatchObject([{ status: { phase: "Interrupted", message: "its task was deleted" } }]);
    expect((await applied(sum())).outcome).toBe("configured");
  });

  it("has one name for all namespaces", async () => {
    await applied(sum());
    const other = manifest("Function", "sum", { module }, { namespace: "lab" });
    await expect(client.manifests.apply(other)).rejects.toMatchObject({ code: "MANIFEST_INVALID" });
  });
});

describe("a proplet", () => {
  const sensor = (fields: object = {}) =>
    manifest("Proplet", "sensor", {
      type: "external",
      external: { deviceType: "esp32", capabilities: ["sensor"], ...fields },
    });

  it("is declared before it is heard, and known by what was declared when it joins", async () => {
    const wanted = { propletSelector: { matchDeviceTypes: ["esp32"], matchCapabilities: ["sensor"] } };
    await client.manifests.apply(add(wanted));
    expect((await client.manifests.get(key("Task", "add"))).status.message).toContain("esp32");
    expect(await outcomes(sensor())).toEqual(["created"]);
    expect((await client.manifests.get(key("Proplet", "sensor"))).status).toMatchObject({
      phase: "Declared",
    });
    const device = await joinAs({ broker: rig.broker, topics: rig.topics, id: "sensor" });
    expect(await device.next("start")).toMatchObject({ name: "add", proplet_id: "sensor" });
    expect((await client.manifests.get(key("Proplet", "sensor"))).status).toMatchObject({
      phase: "Ready",
      deviceType: "esp32",
      capabilities: ["sensor"],
    });
    expect(await outcomes(sensor())).toEqual(["unchanged"]);
  });

  it("that lives loses what was said of it when its manifest is deleted, and stays", async () => {
    await client.manifests.apply(sensor());
    await joinAs({ broker: rig.broker, topics: rig.topics, id: "sensor" });
    await client.manifests.delete(key("Proplet", "sensor"));
    const { status } = await client.manifests.get(key("Proplet", "sensor"));
    expect(status).not.toHaveProperty("deviceType");
    expect(await outcomes(sensor())).toEqual(["created"]);
  });

  it("that was never heard goes with its manifest", async () => {
    await client.manifests.apply(sensor());
    await client.manifests.delete(key("Proplet", "sensor"));
    await expect(client.proplets.get("sensor")).rejects.toMatchObject({ code: "PROPLET_NOT_FOUND" });
  });

  it("of type k8s is refused, with where it belongs", async () => {
    const pods = manifest("Proplet", "pods", { type: "k8s", k8s: { replicas: 3 } });
    await expect(client.manifests.apply(pods)).rejects.toMatchObject({
      code: "MANIFEST_INVALID",
      message: expect.stringContaining("Kubernetes"),
      hint: expect.stringContaining("cluster"),
    });
    await expect(client.manifests.apply(pods, { dryRun: true })).rejects.toMatchObject({
      code: "MANIFEST_INVALID",
    });
  });

  it("is declared through PUT /proplets/{id} too", async () => {
    const declare = (body: unknown) =>
      fetch(`${api.url}/proplets/cam-1`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await declare({ device_type: "raspberry-pi", tags: ["door"] })).status).toBe(200);
    expect((await declare({ tags: "door" })).status).toBe(400);
    const { status, spec } = await client.manifests.get(key("Proplet", "cam-1"));
    expect(status).toMatchObject({ phase: "Declared", deviceType: "raspberry-pi" });
    expect(spec).toEqual({ type: "external", external: { deviceType: "raspberry-pi", tags: ["door"] } });
  });
});

describe("what no manifest made", () => {
  it("is shown and deleted by its id, with a spec that makes the like of it", async () => {
    const { id } = await client.tasks.create({ name: "add", file: module, inputs: [1, 2] });
    const shown = await client.manifests.get(key("Task", id));
    expect(shown).toMatchObject({
      metadata: { name: id, uid: id },
      spec: { name: "add", inputs: ["1", "2"] },
    });
    const checked = checkManifest({ ...shown, metadata: { name: "copy" } });
    expect(checked.ok && (await client.manifests.apply(checked.manifest)).outcome).toBe("created");
    expect(await proplet.next("start")).toMatchObject({ name: "add", inputs: ["1", "2"] });
    await client.manifests.delete(key("Task", id));
    await expect(client.tasks.get(id)).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });
});

describe("a manifest that is wrong", () => {
  const put = async (path: string, body: unknown) => {
    const response = await fetch(`${api.url}/manifests/${path}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };

  it("is refused with every problem, and with the fields there are", async () => {
    const { status, text } = await put("tasks/default/a", {
      apiVersion: "propeller.absmach.fr/v1alpha1",
      kind: "Task",
      metadata: { name: "a" },
      spec: { imageUrl: 5, priority: 1_000 },
    });
    expect(status).toBe(400);
    expect(text).toContain("spec.imageUrl must be a string");
    expect(text).toContain("spec.priority must be from 0 to 100, not 1000");
  });

  it.each([
    ["names another than its path", "tasks/default/b", add(), "the path names Task default/b"],
    [
      "names a path of another machine",
      "tasks/default/add",
      { ...add(), spec: { file: "/etc/passwd" } },
      "is a path",
    ],
    ["has a module that is none", "tasks/default/add", { ...add(), spec: { module: "aGVsbG8=" } }, "magic"],
    [
      "names a module that isn't here",
      "tasks/default/add",
      { ...add(), spec: { moduleDigest: `sha256:${"0".repeat(64)}` } },
      "is not at this manager",
    ],
  ])("(it %s) changes nothing", async (_, path, body, reason) => {
    const { status, text } = await put(path, body);
    expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining(reason) });
    expect((await client.tasks.list()).total).toBe(0);
  });

  it("of a kind there is none of has no path", async () => {
    expect((await put("pods/default/a", {})).status).toBe(404);
  });
});
