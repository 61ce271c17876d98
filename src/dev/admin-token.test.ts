import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createTokens } from "../manager/tokens.ts";
import { provideAdminToken } from "./admin-token.ts";

const newTokens = () =>
  createTokens({ records: [], store: { commit: async () => undefined }, now: () => new Date() });

async function setUp() {
  const dir = await mkdtemp(join(tmpdir(), "prop-admin-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const logged: string[] = [];
  const say = (message: string, fields = {}) => void logged.push(message + JSON.stringify(fields));
  const log = { info: say, warn: say, error: say };
  const path = join(dir, "admin-token");
  return { dir, path, log, logged, read: async () => (await readFile(path, "utf8")).trim() };
}

test("the first start leaves an admin token in a file that only its owner may read, and says where", async () => {
  const { dir, path, log, logged, read } = await setUp();
  const tokens = newTokens();
  await provideAdminToken(tokens, dir, log);
  expect(tokens.check(await read())?.scope).toBe("admin");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(logged.join()).toContain(path);
  expect(logged.join()).not.toContain("prop_");
});

test("the next start keeps it", async () => {
  const { dir, log, read } = await setUp();
  const tokens = newTokens();
  await provideAdminToken(tokens, dir, log);
  const first = await read();
  await provideAdminToken(tokens, dir, log);
  expect(await read()).toBe(first);
  expect(await tokens.list()).toHaveLength(1);
});

test("a file that belongs to a store that is gone is replaced", async () => {
  const { dir, log, read } = await setUp();
  await provideAdminToken(newTokens(), dir, log);
  const stale = await read();
  const tokens = newTokens();
  await provideAdminToken(tokens, dir, log);
  expect(await read()).not.toBe(stale);
  expect(tokens.check(await read())).toBeDefined();
});

test("where another admin token holds, none is made", async () => {
  const { dir, log } = await setUp();
  const tokens = newTokens();
  await tokens.create({ name: "ci", scope: "deploy" });
  await tokens.create({ name: "me", scope: "admin" });
  await provideAdminToken(tokens, dir, log);
  expect(await tokens.list()).toHaveLength(2);
  expect(await readdir(dir)).toEqual([]);
});

test("a token that could not be written is no token", async () => {
  const { path, log } = await setUp();
  await writeFile(path, "a file where a folder should be");
  const tokens = newTokens();
  await expect(provideAdminToken(tokens, path, log)).rejects.toThrow();
  expect(await tokens.list()).toEqual([]);
});
