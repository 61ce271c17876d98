import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { digestOf } from "../digest.ts";
import { openBoundedStore } from "./bounded-store.ts";

let dir: string;
const a = Buffer.alloc(100, "a");
const b = Buffer.alloc(100, "b");
const c = Buffer.alloc(100, "c");
const kept = async () => (await readdir(join(dir, "sha256"))).map((name) => `sha256:${name}`).sort();
const digests = (...modules: Buffer[]) => modules.map(digestOf).sort();

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "prop-bounded-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
});

test("what was used longest ago goes when there is too much", async () => {
  const store = await openBoundedStore(dir, 250);
  await store.put(a);
  await store.put(b);
  await store.get(digestOf(a));
  await store.put(c);
  expect(await kept()).toEqual(digests(a, c));
  expect(await store.get(digestOf(b))).toBeUndefined();
});

test("what is there from before counts, and what was half written is removed", async () => {
  const before = await openBoundedStore(dir, 250);
  await before.put(a);
  await before.put(b);
  await utimes(join(dir, "sha256", digestOf(b).slice(7)), 1, 1);
  const half = join(dir, "sha256", `${digestOf(c).slice(7)}.part`);
  await writeFile(half, "half");
  await utimes(half, 1, 1);
  const store = await openBoundedStore(dir, 250);
  await store.put(c);
  expect(await kept()).toEqual(digests(a, c));
});

test("one that is larger than all may be is kept until the next", async () => {
  const store = await openBoundedStore(dir, 50);
  await store.put(a);
  expect(await kept()).toEqual(digests(a));
  await store.put(b);
  expect(await kept()).toEqual(digests(b));
});
