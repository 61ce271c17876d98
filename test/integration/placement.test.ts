/** Where tasks go, and why they wait, as clients and proplets see it. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../src/api/client.ts";
import { createApi } from "../../src/api/server.ts";
import type { PlacementInput } from "../../src/model/placement.ts";
import type { TaskInput } from "../../src/model/task.ts";
import { addModule } from "../support/add-module.ts";
import { type JoinOptions, joinAs, ourFeatures } from "../support/fake-proplet.ts";
import { type Rig, startRig } from "../support/rig.ts";

/** The header of a component, and nothing in it. */
const COMPONENT = Buffer.from([0, 97, 115, 109, 13, 0, 1, 0]).toString("base64");

let rig: Rig;
let api: Awaited<ReturnType<typeof createApi>>;
let client: ReturnType<typeof createClient>;

beforeEach(async () => {
  rig = await startRig({ offlineThresholdMs: 60_000 });
  api = await createApi({ manager: rig.manager, port: 0, version: "test" });
  client = createClient({ url: api.url });
});
afterEach(async () => {
  await api.close();
  await rig.close();
});

async function join(id: string, capacity: object = {}, options: Partial<JoinOptions> = {}) {
  const identity = { broker: rig.broker, topics: rig.topics, id, features: ourFeatures, bootId: `${id}-1` };
  const proplet = await joinAs({ ...identity, ...options });
  await proplet.discover({ capacity: { slots: 4, ...capacity } });
  await expect.poll(() => rig.manager.proplets.get(id)).toMatchObject({ capacity: { slots: 4 } });
  return proplet;
}
const run = (placement: PlacementInput = {}, fields: TaskInput = {}) =>
  client.tasks.create(
    { name: "add", file: addModule, inputs: ["1", "2"], placement, ...fields },
    { start: true },
  );

describe("a task", () => {
  it("waits for a capability, says so, and starts once a proplet is declared to have it", async () => {
    const proplet = await join("p1");
    const task = await run({ capabilities: ["sensor"] });
    const reason = "no proplet has the capability sensor";
    expect(await client.tasks.get(task.id)).toMatchObject({ state: 0, waits: reason });
    expect(await client.tasks.explain(task.id)).toMatchObject({
      task: { id: task.id, waits: reason },
      policy: "hybrid",
      waits: reason,
      proplets: [{ id: "p1", holds: false, fits: false, reasons: ["lacks the capability sensor"] }],
    });
    await rig.manager.proplets.declare("p1", { capabilities: ["sensor"] });
    expect(await proplet.next("start")).toMatchObject({ id: task.id });
    expect(await client.tasks.get(task.id)).not.toHaveProperty("waits");
  });

  it("goes to the only proplet with its tags and device type, whatever the others hold", async () => {
    await join("p1");
    const board = await join("p2", { device_type: "esp32" }, { metadata: { tags: ["hall-3", "edge"] } });
    for (const placement of [{ tags: ["edge", "hall-3"] }, { device_types: ["pico", "esp32"] }]) {
      const task = await run(placement);
      expect(await board.next("start")).toMatchObject({ id: task.id });
    }
  });

  it("that is a component waits rather than go to WAMR", async () => {
    await join("small", {}, { metadata: { wasm_runtime: "WAMR" } });
    const task = await run({}, { file: COMPONENT });
    expect(await client.tasks.get(task.id)).toMatchObject({
      waits: "no proplet has a runtime that takes components",
    });
    const big = await join("big", {}, { metadata: { wasm_runtime: "wasmtime" } });
    expect(await big.next("start")).toMatchObject({ id: task.id });
  });

  it("waits for memory that another holds, and gets it when that one ends", async () => {
    const proplet = await join("p1", { memory_bytes: 4 * 2 ** 30 });
    const placement = { resources: { memory: "3Gi" } };
    await run(placement);
    const start = await proplet.next("start");
    const second = await run(placement);
    expect(await client.tasks.get(second.id)).toMatchObject({
      waits: "needs 3Gi of memory: the most that is free is 1Gi on p1",
    });
    await proplet.accept(start);
    await proplet.finish(start, "3");
    expect(await proplet.next("start")).toMatchObject({ id: second.id });
  });

  it("goes to no cordoned proplet, and to it once that is taken back", async () => {
    const proplet = await join("p1");
    await rig.manager.proplets.cordon("p1");
    const task = await run();
    expect(await client.tasks.get(task.id)).toMatchObject({ waits: "proplet p1 is cordoned" });
    await rig.manager.proplets.uncordon("p1");
    expect(await proplet.next("start")).toMatchObject({ id: task.id });
  });

  it("that is held shows who holds it, and who else would do", async () => {
    const first = await join("p1");
    await join("p2");
    const task = await run();
    await first.next("start");
    const { proplets } = await client.tasks.explain(task.id);
    expect(proplets).toMatchObject([
      { id: "p2", holds: false, fits: true, rank: 1 },
      { id: "p1", holds: true, fits: true, rank: 2 },
    ]);
  });
});

describe("the policy", () => {
  it("is the manager's own where a task names none", async () => {
    await rig.close();
    await api.close();
    rig = await startRig({ schedulerPolicy: "bin-pack" });
    api = await createApi({ manager: rig.manager, port: 0, version: "test" });
    client = createClient({ url: api.url });
    const first = await join("p1");
    const second = await join("p2");
    for (let count = 0; count < 3; count++) await run();
    for (let count = 0; count < 3; count++) await first.next("start");
    const spread = await run({ policy: "least-loaded" });
    expect(await second.next("start")).toMatchObject({ id: spread.id });
  });
});

describe("placement that means nothing is refused", () => {
  it.each([
    [
      { policy: "best" },
      'placement.policy must be "hybrid" or "least-loaded" or "round-robin" or "bin-pack"',
    ],
    [{ proplet_type: "vm" }, "placement.proplet_type"],
    [{ tags: "edge" }, "placement.tags must be array"],
    [{ tags: [""] }, "placement.tags must not have an empty text in it"],
    [
      { resources: { cpu: "two" } },
      'placement.resources.cpu must be a quantity like 500m, 2 or 0.5, got "two"',
    ],
    [{ resources: { memory: "4Gig" } }, "placement.resources.memory must be a quantity"],
    [{ resources: { cpu: -1 } }, "placement.resources.cpu must be a quantity"],
  ])("%j", async (placement, message) => {
    const good = await client.tasks.create({ name: "add", placement: { tags: ["a"] } });
    const headers = { "content-type": "application/json" };
    for (const [method, path] of [
      ["POST", "/tasks"],
      ["PUT", `/tasks/${good.id}`],
    ]) {
      const body = JSON.stringify({ name: "add", placement });
      const response = await fetch(api.url + path, { method: method ?? "", headers, body });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ error: expect.stringContaining(message) });
    }
    expect(await client.tasks.get(good.id)).toMatchObject({ placement: { tags: ["a"] } });
  });
});
