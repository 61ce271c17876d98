import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { peerSettings } from "./peer-env.ts";

const flags = { "mqtt-address": "tcp://b:1", "mqtt-qos": 1 };

async function configFile(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "prop-config-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, "config.toml"), text);
  return join(dir, "config.toml");
}

test("what is set goes before the file, the file before the defaults", async () => {
  const config = await configFile('[proplet]\ntenant_id = "t"\nentity_id = "e"\n[manager]\napi_key = "m"\n');
  expect(await peerSettings("proplet", { ...flags, config, id: "mine" })).toEqual({
    domain: "t",
    channel: "default",
    entityId: "mine",
    mqtt: { address: "tcp://b:1", qos: 1 },
  });
  expect(await peerSettings("manager", { ...flags, config })).toMatchObject({ domain: "local", apiKey: "m" });
});

test("no file, no complaint, unless it was asked for", async () => {
  expect(await peerSettings("proplet", flags)).toMatchObject({ channel: "default" });
  const config = join(tmpdir(), "is-not-there", "config.toml");
  await expect(peerSettings("proplet", { ...flags, config })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("there is no such file"),
  });
});

test.each(["[proplet", "proplet = 1", "[proplet]\nentity_id = 7"])("%j is refused", async (text) => {
  const config = await configFile(text);
  await expect(peerSettings("proplet", { ...flags, config })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});
