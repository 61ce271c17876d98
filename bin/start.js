// Starts oclif and loads no more than that takes: how long `prop --version` may last is measured in bench/cli-start.ts.
import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import "./output.js";

enableCompileCache();

if (process.argv[2] === "--version") printVersion();
else {
  const { execute } = await import("@oclif/core/execute");
  await execute({ dir: import.meta.url });
}

// The same line as oclif's, which takes four times as long: it loads every plugin first.
function printVersion() {
  const { name, version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
}
