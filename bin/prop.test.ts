import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Config } from "@oclif/core";
import { execa } from "execa";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const readPackage = async () => JSON.parse(await readFile(resolve(root, "package.json"), "utf8"));

test("--version prints the line that oclif would", async () => {
  const pjson = { ...(await readPackage()), oclif: { bin: "prop" } };
  const { userAgent } = await Config.load({ root, pjson, ignoreManifest: true });
  const { stdout } = await execa(process.execPath, [resolve(root, "bin/prop.js"), "--version"]);
  expect(stdout).toBe(userAgent);
});

test("the Node it asks for is the one that package.json asks for", async () => {
  const { engines } = await readPackage();
  expect(await readFile(resolve(root, "bin/node-version.js"), "utf8")).toContain(
    `const needed = "${engines.node.slice(2)}"`,
  );
});
