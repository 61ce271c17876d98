import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parsePropToml } from "./prop-toml.ts";
import { templateKinds } from "./scaffold.ts";
import { toolchainNames } from "./toolchains/index.ts";

const templates = new URL("../../templates/", import.meta.url);
const readJson = async (path: string, base: URL) => JSON.parse(await readFile(new URL(path, base), "utf8"));
const all = toolchainNames.flatMap((name) => templateKinds(name).map((kind) => [name, kind] as const));

test("every toolchain has a template, every template a toolchain", async () => {
  expect((await readdir(templates)).sort()).toEqual([...toolchainNames].sort());
});

test.each(all)("the template %s/%s names its own toolchain, kind and source", async (name, kind) => {
  const text = await readFile(new URL(`${name}/${kind}/prop.toml`, templates), "utf8");
  const toml = parsePropToml(text.replaceAll("{{name}}", "hello"), "prop.toml");
  expect(toml).toMatchObject({ name: "hello", toolchain: name, kind });
  expect(await readFile(new URL(`${name}/${kind}/${toml.source}`, templates), "utf8")).not.toBe("");
});

test.each(["assemblyscript", "wat"])(
  "the template %s asks for the compiler that is tested here",
  async (name) => {
    const { devDependencies: tested } = await readJson("../package.json", templates);
    const { devDependencies } = await readJson(`${name}/package.json`, templates);
    expect(tested).toMatchObject(devDependencies);
  },
);
