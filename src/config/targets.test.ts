import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type DevRecord, findDevRecord, removeDevRecord, writeDevRecord } from "./dev-record.ts";
import { resolveTarget } from "./resolve-target.ts";
import { addTarget, isReadableOnTheWay, readTargets, removeTarget, useTarget } from "./targets.ts";

async function createUser() {
  const dir = await mkdtemp(join(tmpdir(), "prop-config-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const cwd = join(dir, "project/src/deep");
  await mkdir(cwd, { recursive: true });
  const env = { XDG_CONFIG_HOME: join(dir, "config"), XDG_STATE_HOME: join(dir, "state") };
  return { dir, cwd, env, path: join(dir, "config/prop/targets.json") };
}

const recordOf = (dataDir: string, port: number, pid = process.pid): DevRecord => ({
  pid,
  url: `http://127.0.0.1:${port}`,
  mqtt: "mqtt://127.0.0.1:1883",
  instanceId: "11111111-1111-4111-8111-111111111111",
  dataDir,
  startedAt: "2026-11-24T00:00:00.000Z",
});

/** The id of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid ?? 0;
}

test("--target goes before PROP_TARGET, that before the chosen one, that before dev", async () => {
  const { cwd, env } = await createUser();
  const resolve = async (flag?: string, PROP_TARGET?: string) =>
    (await resolveTarget({ flag, env: { ...env, PROP_TARGET }, cwd })).url;
  expect(await resolve()).toBe("http://127.0.0.1:7070");
  for (const name of ["one", "two", "three"]) await addTarget(env, name, { url: `http://${name}:1` });
  await useTarget(env, "one");
  expect(await resolve()).toBe("http://one:1");
  expect(await resolve(undefined, "two")).toBe("http://two:1");
  expect(await resolve(undefined, "")).toBe("http://one:1");
  expect(await resolve("three", "two")).toBe("http://three:1");
  expect(await resolve("https://other/prop/", "two")).toBe("https://other/prop");
  expect(await resolve("dev", "two")).toBe("http://127.0.0.1:7070");
  await useTarget(env, "dev");
  expect(await resolve()).toBe("http://127.0.0.1:7070");
});

test("PROP_TOKEN goes before a target's own token, and with a URL", async () => {
  const { cwd, env } = await createUser();
  await addTarget(env, "one", { url: "http://one:1", token: "secret" });
  const tokenOf = async (flag: string, PROP_TOKEN: string) =>
    (await resolveTarget({ flag, env: { ...env, PROP_TOKEN }, cwd })).token;
  expect(await tokenOf("one", "other")).toBe("other");
  expect(await tokenOf("one", "")).toBe("secret");
  expect(await tokenOf("https://two", "other")).toBe("other");
});

test.each([
  ["http://manager.example:7070", true],
  ["https://manager.example", false],
  ["http://127.0.0.1:7070", false],
  ["http://localhost", false],
])("what goes to %s can be read on the way: %s", (url, readable) =>
  expect(isReadableOnTheWay(url)).toBe(readable),
);

test("a target's token comes with it", async () => {
  const { cwd, env } = await createUser();
  await addTarget(env, "one", { url: "http://one:1", token: "secret" });
  expect(await resolveTarget({ flag: "one", env, cwd })).toEqual({
    name: "one",
    url: "http://one:1",
    token: "secret",
  });
});

test("targets are kept where only their owner reads them, with nothing left beside", async () => {
  const { dir, env, path } = await createUser();
  await addTarget(env, "one", { url: "http://one:1/" });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(dir, "config/prop"))).toEqual(["targets.json"]);
  expect(await readTargets(env)).toEqual({ targets: { one: { url: "http://one:1" } } });
});

test("the chosen target that is removed is chosen no more", async () => {
  const { env } = await createUser();
  await addTarget(env, "one", { url: "http://one:1" });
  await addTarget(env, "two", { url: "http://two:1" });
  await useTarget(env, "one");
  await removeTarget(env, "two");
  expect((await readTargets(env)).current).toBe("one");
  await removeTarget(env, "one");
  expect(await readTargets(env)).toEqual({ targets: {} });
});

test.each(["one", "toString", "__proto__"])("the unknown target %s is bad usage", async (name) => {
  const { cwd, env } = await createUser();
  const refused = { code: "TARGET_NOT_FOUND", exitCode: 2 };
  await expect(resolveTarget({ flag: name, env, cwd })).rejects.toMatchObject(refused);
  await expect(useTarget(env, name)).rejects.toMatchObject(refused);
  await expect(removeTarget(env, name)).rejects.toMatchObject(refused);
});

test.each(["ftp://one", "one", "http://user:key@one", "http://one?x=1"])(
  "%s is no URL of a manager",
  async (url) => {
    const { env } = await createUser();
    await expect(addTarget(env, "one", { url })).rejects.toMatchObject({ code: "TARGET_URL_INVALID" });
  },
);

test.each(["dev", "a b", "", "-x"])('"%s" can\'t be the name of a target', async (name) => {
  const { env } = await createUser();
  await expect(addTarget(env, name, { url: "http://one" })).rejects.toMatchObject({
    code: "TARGET_NAME_INVALID",
  });
});

test.each(["{", "[]", '{"targets": {"one": 1}}'])("a targets.json that holds %s is named", async (text) => {
  const { env, path } = await createUser();
  await addTarget(env, "one", { url: "http://one" });
  await writeFile(path, text);
  await expect(readTargets(env)).rejects.toMatchObject({ code: "TARGETS_INVALID" });
  expect(await readFile(path, "utf8")).toBe(text);
});

test("dev is that of the nearest .prop upwards", async () => {
  const { dir, cwd, env } = await createUser();
  await writeDevRecord(recordOf(join(dir, "project/.prop"), 1001), env);
  await writeDevRecord(recordOf(join(dir, "elsewhere/.prop"), 1002), env);
  expect((await findDevRecord(cwd, env))?.url).toBe("http://127.0.0.1:1001");
  expect((await findDevRecord(join(dir, "project"), env))?.url).toBe("http://127.0.0.1:1001");
  expect((await findDevRecord(dir, env))?.url).toBe("http://127.0.0.1:1002");
  expect((await resolveTarget({ flag: undefined, env, cwd })).url).toBe("http://127.0.0.1:1001");
});

test("a dev whose process is gone is none", async () => {
  const { dir, cwd, env } = await createUser();
  await writeDevRecord(recordOf(join(dir, "project/.prop"), 1001, await endedPid()), env);
  expect(await findDevRecord(cwd, env)).toBeUndefined();
  await writeDevRecord(recordOf(join(dir, "elsewhere/.prop"), 1002), env);
  expect((await findDevRecord(cwd, env))?.url).toBe("http://127.0.0.1:1002");
});

test("a dev that ends takes back its own record, not that of one started since", async () => {
  const { dir, cwd, env } = await createUser();
  const first = recordOf(join(dir, "project/.prop"), 1001);
  const second = { ...recordOf(join(dir, "elsewhere/.prop"), 1002), startedAt: "2026-11-24T00:00:01.000Z" };
  await writeDevRecord(first, env);
  await writeDevRecord(second, env);
  await removeDevRecord(first, env);
  expect((await findDevRecord(cwd, env))?.url).toBe("http://127.0.0.1:1002");
  await removeDevRecord(second, env);
  expect(await findDevRecord(cwd, env)).toBeUndefined();
});

test("a record that can't be read is none", async () => {
  const { dir, cwd, env } = await createUser();
  await mkdir(join(dir, "project/.prop"));
  for (const text of ["", "{", '{"pid": 1}']) {
    await writeFile(join(dir, "project/.prop/dev.json"), text);
    expect(await findDevRecord(cwd, env)).toBeUndefined();
  }
});
