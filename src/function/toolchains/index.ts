/** The languages prop knows. A new one is a folder in templates/, a module here and a line below. */
import type { Toolchain } from "../toolchain.ts";
import { assemblyscript } from "./assemblyscript.ts";
import { c } from "./c.ts";
import { go } from "./go.ts";
import { rust } from "./rust.ts";
import { wat } from "./wat.ts";
import { zig } from "./zig.ts";

const toolchains = new Map<string, Toolchain>([
  ["assemblyscript", assemblyscript],
  ["rust", rust],
  ["go", go],
  ["c", c],
  ["zig", zig],
  ["wat", wat],
]);

/** As `prop.toml` and `--template` name them, the default first. */
export const toolchainNames: readonly string[] = [...toolchains.keys()];

/** The toolchain of that name, which is one of `toolchainNames`. */
export function findToolchain(name: string): Toolchain {
  const toolchain = toolchains.get(name);
  if (toolchain === undefined) throw new Error(`no toolchain "${name}"`);
  return toolchain;
}
