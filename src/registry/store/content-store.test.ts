import { mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { digestOf } from "../digest.ts";
import { createContentStore } from "./content-store.ts";

let dir: string;
const bytes = Buffer.from("some module");
const digest = digestOf(bytes);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "prop-store-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
});

test("what was put in comes out, in another process too", async () => {
  expect(await createContentStore(dir).put(bytes)).toBe(digest);
  expect(await createContentStore(dir).get(digest)).toEqual(bytes);
  expect(await createContentStore(dir).has(digest)).toBe(true);
});

test("what was not put in is not there", async () => {
  const store = createContentStore(dir);
  expect(await store.get(digest)).toBeUndefined();
  expect(await store.has(digest)).toBe(false);
});

test("nothing but a digest is looked for", async () => {
  const store = createContentStore(dir);
  for (const name of ["../../etc/passwd", "sha256:../x", "", `${digest}0`]) {
    expect(await store.get(name)).toBeUndefined();
    expect(await store.has(name)).toBe(false);
  }
});

test("a damaged file counts as absent, and the next put mends it", async () => {
  const store = createContentStore(dir);
  await store.put(bytes);
  await truncate(join(dir, "sha256", digest.slice(7)), 3);
  expect(await store.get(digest)).toBeUndefined();
  await store.put(bytes);
  expect(await store.get(digest)).toEqual(bytes);
});

test("two that put the same at the same time leave one whole file", async () => {
  const stores = Array.from({ length: 8 }, () => createContentStore(dir));
  await Promise.all(stores.map((store) => store.put(bytes)));
  expect(await readdir(join(dir, "sha256"))).toEqual([digest.slice(7)]);
  expect(await createContentStore(dir).get(digest)).toEqual(bytes);
});
