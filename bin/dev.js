#!/usr/bin/env node
// Runs the sources as they are, with no build: for working on prop itself.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { endWithStarter, handOver } from "./node-version.js";
import "./output.js";

if (process.features.typescript) {
  await endWithStarter();
  await runSources();
} else handOver(fileURLToPath(import.meta.url));

async function runSources() {
  const { execute } = await import("@oclif/core/execute");
  const pjson = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  pjson.oclif = JSON.parse(JSON.stringify(pjson.oclif).replaceAll(/"\.\/dist\/([^"]*)"/g, asSource));
  const root = fileURLToPath(new URL("..", import.meta.url));
  await execute({ loadOptions: { root, pjson, ignoreManifest: true } });
}

function asSource(_, path) {
  return JSON.stringify(`./${path.replace(/\.js$/, ".ts")}`);
}
