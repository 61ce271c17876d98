/** Writes oclif.manifest.json from the built commands, so that prop loads only the command that is run. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Plugin } from "@oclif/core";

const root = resolve(import.meta.dirname, "../..");
const plugin = new Plugin({
  root,
  type: "core",
  ignoreManifest: true,
  errorOnManifestCreate: true,
  respectNoCacheDefault: true,
});
await plugin.load();
await writeFile(resolve(root, "oclif.manifest.json"), `${JSON.stringify(plugin.manifest)}\n`);
