import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readKeys } from "./keys.ts";

async function keysPath(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "prop-keys-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return join(dir, "keys.json");
}

test("the first start makes a key for each, which only their owner reads", async () => {
  const path = await keysPath();
  const keys = await readKeys(path, ["proplet-1", "proplet-2"]);
  expect([...keys].map(([id, { role }]) => [id, role])).toEqual([
    ["manager", "manager"],
    ["client", "client"],
    ["proplet-1", "proplet"],
    ["proplet-2", "proplet"],
  ]);
  expect(new Set([...keys.values()].map(({ key }) => key)).size).toBe(4);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a later start keeps them, and adds what is missing", async () => {
  const path = await keysPath();
  const first = await readKeys(path, ["proplet-1"]);
  const before = await readFile(path, "utf8");
  expect(await readKeys(path, ["proplet-1"])).toEqual(first);
  expect(await readFile(path, "utf8")).toBe(before);
  const more = await readKeys(path, ["proplet-1", "proplet-2"]);
  expect(more.get("proplet-1")).toEqual(first.get("proplet-1"));
  expect(more.get("proplet-2")?.role).toBe("proplet");
});

test.each(["{", "[1]", '{"board": {"role": "king", "key": "0123456789abcdef"}}'])(
  "%s is no list of keys",
  async (text) => {
    const path = await keysPath();
    await writeFile(path, text);
    await expect(readKeys(path, [])).rejects.toMatchObject({ code: "KEYS_INVALID" });
  },
);
