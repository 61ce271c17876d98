/** A manager that runs nothing but what a trusted key has signed. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { addText, assemble } from "../../src/engine/testing/wat.ts";
import type { ChangeEvent } from "../../src/model/event.ts";
import type { TaskInput } from "../../src/model/task.ts";
import { createImageSource } from "../../src/registry/client/image-source.ts";
import { openRegistryClient } from "../../src/registry/client/open-client.ts";
import { digestOf } from "../../src/registry/digest.ts";
import { parseReference } from "../../src/registry/reference.ts";
import { signImage } from "../../src/registry/signatures/sign-image.ts";
import { verifyImage } from "../../src/registry/signatures/verify-image.ts";
import { openBoundedStore } from "../../src/registry/store/bounded-store.ts";
import { addModule } from "../support/add-module.ts";
import { createUser } from "../support/dev.ts";
import { findDockerRegistry, startDockerRegistry } from "../support/docker-registry.ts";
import { joinAs, ourFeatures } from "../support/fake-proplet.ts";
import { createInbox } from "../support/inbox.ts";
import { pushModule } from "../support/push-module.ts";
import { silentLog, startRig } from "../support/rig.ts";

const registry = findDockerRegistry();
const add = Buffer.from(await assemble(addText));
const [ours, theirs] = [0, 1].map(() => generateKeyPairSync("ec", { namedCurve: "P-256" }));
const client = openRegistryClient([], {});

async function setUp() {
  const { host, url } = await startDockerRegistry(registry ?? "");
  const dir = await mkdtemp(join(tmpdir(), "prop-signed-"));
  const keys = ours === undefined ? [] : [ours.publicKey];
  const images = createImageSource({
    ...client,
    store: await openBoundedStore(dir, 1_000_000),
    log: silentLog,
    verify: async (image, signal) => void (await verifyImage(image, { ...client, keys, signal })),
  });
  const rig = await startRig({ images, onlyImages: true });
  onTestFinished(async () => {
    await rig.close();
    await rm(dir, { recursive: true });
  });
  const events = createInbox<ChangeEvent>();
  rig.manager.events.follow(undefined, ({ event }) => events.put(event));
  const proplet = await joinAs({ broker: rig.broker, topics: rig.topics, id: "p", features: ourFeatures });
  const failed = async (input: TaskInput) => {
    const { id } = await rig.manager.tasks.create({ name: "add", ...input }, { start: true });
    await events.take((event) => event.type === "task" && event.task_id === id && event.state === "Failed");
    return (await rig.manager.tasks.get(id)).error;
  };
  const sign = (image: string, key: KeyObject | undefined) => {
    if (key === undefined) throw new Error("no key");
    const { signal } = new AbortController();
    return signImage(parseReference(image), { ...client, key, now: new Date(), signal });
  };
  return { host, url, rig, proplet, failed, sign };
}

describe.skipIf(!registry)("a manager that requires signatures", () => {
  test("runs what a trusted key has signed, and says of all else why it doesn't", async () => {
    const { host, url, rig, proplet, failed, sign } = await setUp();
    await pushModule(url, "add:1", add);
    const image = `${host}/add:1`;
    expect(await failed({ image_url: image })).toContain("is not signed");
    await sign(image, theirs?.privateKey);
    expect(await failed({ image_url: image })).toContain("none of the trusted keys made it");
    await sign(image, ours?.privateKey);
    await rig.manager.tasks.create({ name: "add", image_url: image }, { start: true });
    expect(await proplet.next("start")).toMatchObject({ image_url: image, digest: digestOf(add) });
  });

  test("runs no module that was handed in, or that lies at a plain URL", async () => {
    const { url, proplet, failed } = await setUp();
    expect(await failed({ file: addModule })).toContain("signed images alone");
    expect(await failed({ image_url: `${url}/add.wasm` })).toContain("signed images alone");
    expect(proplet.inbox.items.filter(({ kind }) => kind === "start")).toEqual([]);
  });

  test("follows a tag only to what is signed", async () => {
    const { host, url, failed, sign } = await setUp();
    await pushModule(url, "add:live", add);
    await sign(`${host}/add:live`, ours?.privateKey);
    await pushModule(url, "add:live", Buffer.concat([add, Buffer.from([0, 2, 1, 120])]));
    expect(await failed({ image_url: `${host}/add:live` })).toContain("is not signed");
  });
});

test("a manager that leaves images to a proxy can't check them, and says so", async () => {
  const user = await createUser();
  const { exitCode, stderr } = await user.prop(user.dir, ["manager"], {
    env: { MANAGER_REQUIRE_SIGNATURE: "prop.pub" },
  });
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--pull-images"),
  });
});
