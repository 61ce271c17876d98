/** What a manager shows of proplets that it knows from before its start. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { presentProplet } from "../../src/api/present-proplet.ts";
import { propletStatus } from "../../src/manager/manifests/status.ts";
import { joinAs, ourFeatures } from "../support/fake-proplet.ts";
import { type Rig, startRig } from "../support/rig.ts";

let rig: Rig;

beforeEach(async () => {
  rig = await startRig({ offlineThresholdMs: 60_000 });
});
afterEach(() => rig.close());

const join = (id: string) =>
  joinAs({ broker: rig.broker, topics: rig.topics, id, features: ourFeatures, bootId: `${id}-1` });
const alive = (id: string) =>
  rig.follow().take((event) => event.type === "proplet" && event.proplet_id === id && event.alive);
const shown = async (id: string) => presentProplet(await rig.manager.proplets.get(id), 0);
const phase = async (id: string) => propletStatus(await rig.manager.proplets.get(id), 0).phase;

it("lists them at once, and says that they were not heard since", async () => {
  const joined = alive("p1");
  const proplet = await join("p1");
  await joined;
  expect(await shown("p1")).not.toHaveProperty("unheard");
  expect(await phase("p1")).toBe("Ready");

  await rig.restart();
  const { items } = await rig.manager.proplets.list({ offset: 0, limit: 10 });
  expect(items.map(({ id }) => id)).toEqual(["p1"]);
  expect(await shown("p1")).toMatchObject({ alive: true, unheard: true });
  expect(await phase("p1")).toBe("Unheard");

  const asked = proplet.next("announce");
  await proplet.beat();
  await asked;
  await proplet.discover();
  await expect.poll(() => shown("p1")).not.toHaveProperty("unheard");
  expect(await phase("p1")).toBe("Ready");
});

it("says of one that is gone that it is gone, not that it was not heard", async () => {
  const joined = alive("p1");
  const proplet = await join("p1");
  await joined;
  await rig.restart();
  const events = rig.follow();
  await proplet.offline();
  await events.take((event) => event.type === "proplet" && !event.alive);
  expect(await shown("p1")).toMatchObject({ alive: false });
  expect(await shown("p1")).not.toHaveProperty("unheard");
  expect(await phase("p1")).toBe("Offline");
});
