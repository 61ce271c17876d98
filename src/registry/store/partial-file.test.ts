import { execFile } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rename, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { claimPartial, releasePartial, removeStalePartials } from "./partial-file.ts";

let dir: string;
const digest = `sha256:${"a".repeat(64)}`;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "prop-partial-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
});

/** As if a process that is no more had written it. */
async function leave(text: string): Promise<void> {
  const { path } = await claimPartial(dir, digest);
  await appendFile(path, text);
  const child = execFile(process.execPath, ["-e", ""]);
  await once(child, "exit");
  await rename(path, path.replace(`.${process.pid}.`, `.${child.pid}.`));
}

test("what a process that ended had is taken up, by one", async () => {
  await leave("half");
  const claimed = await Promise.all(Array.from({ length: 5 }, () => claimPartial(dir, digest)));
  const found = claimed.filter(({ sizeBytes }) => sizeBytes === 4);
  expect(found).toHaveLength(1);
  expect(await readFile(found[0]?.path ?? "", "utf8")).toBe("half");
  expect(new Set(claimed.map(({ path }) => path)).size).toBe(5);
});

test("what a living process writes is its own, until it gives it up", async () => {
  const first = await claimPartial(dir, digest);
  await appendFile(first.path, "half");
  expect(await claimPartial(dir, digest)).toMatchObject({ sizeBytes: 0 });
  await releasePartial(first.path);
  expect(await claimPartial(dir, digest)).toMatchObject({ sizeBytes: 4 });
});

test("another blob's part is not taken", async () => {
  await leave("half");
  expect(await claimPartial(dir, `sha256:${"b".repeat(64)}`)).toMatchObject({ sizeBytes: 0 });
});

test("stale ones are removed, but not under a process that lives", async () => {
  await leave("half");
  const own = await claimPartial(dir, `sha256:${"b".repeat(64)}`);
  await appendFile(own.path, "mine");
  for (const name of await readdir(dir)) await utimes(join(dir, name), 1, 1);
  expect(await removeStalePartials(dir, 500)).toBe(0);
  expect(await removeStalePartials(dir, 2_000)).toBe(4);
  expect(await readdir(dir)).toHaveLength(1);
});
