import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createBlobStore } from "./blob-store.ts";

let dir: string;
const parts = [Buffer.alloc(70_000, "a"), Buffer.alloc(70_000, "b")];
const bytes = Buffer.concat(parts);
const digestBy = (algorithm: string) => `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;

async function* stream(): AsyncGenerator<Buffer> {
  yield* parts;
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "prop-blobs-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
});

test.each(["sha256", "sha512"])("a blob is found, read and removed by its %s", async (algorithm) => {
  const store = createBlobStore(dir);
  const digest = digestBy(algorithm);
  expect(await store.write(stream(), digest)).toMatchObject({ digest, sizeBytes: 140_000 });
  expect(await store.find(digest)).toMatchObject({ sizeBytes: 140_000 });
  expect((await buffer(store.read(digest))).equals(bytes)).toBe(true);
  const part = await buffer(store.read(digest, { start: 69_999, end: 70_000 }));
  expect(part.toString()).toBe("ab");
  await store.remove(digest);
  expect(await store.find(digest)).toBeUndefined();
});

test("bytes that are another digest's leave nothing, and the error names both", async () => {
  const store = createBlobStore(dir);
  const wrong = `sha256:${"0".repeat(64)}`;
  await expect(store.write(stream(), wrong)).rejects.toMatchObject({
    code: "DIGEST_MISMATCH",
    message: `what came is not ${wrong}, but ${digestBy("sha256")}`,
  });
  expect(await readdir(join(dir, "sha256"))).toEqual([]);
});

test("a stream that breaks leaves nothing", async () => {
  const store = createBlobStore(dir);
  async function* broken(): AsyncGenerator<Buffer> {
    yield* parts;
    throw new Error("the connection broke");
  }
  await expect(store.write(broken())).rejects.toThrow("the connection broke");
  expect(await readdir(join(dir, "sha256"))).toEqual([]);
});

test("a full disk is an error that a user can act on", async () => {
  const store = createBlobStore(dir);
  async function* full(): AsyncGenerator<Buffer> {
    yield* parts;
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  }
  await expect(store.write(full())).rejects.toMatchObject({ code: "DISK_FULL" });
  expect(await readdir(join(dir, "sha256"))).toEqual([]);
});
