/** Finds out which languages can be built here. */
import { PropError } from "../errors.ts";
import type { Project } from "./project.ts";
import { findToolchain, toolchainNames } from "./toolchains/index.ts";

export type ToolchainReport =
  | { name: string; title: string; found: true; version: string; path: string }
  | { name: string; title: string; found: false; reason: string; hint: string };

/**
 * Asks every toolchain at once, as a project in `dir` would.
 * @param timeoutMs for each; one that doesn't answer counts as missing
 */
export function examineToolchains(dir: string, timeoutMs: number): Promise<ToolchainReport[]> {
  return Promise.all(toolchainNames.map((name) => examine(name, dir, timeoutMs)));
}

async function examine(name: string, dir: string, timeoutMs: number): Promise<ToolchainReport> {
  const toolchain = findToolchain(name);
  const { title } = toolchain;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { version, path } = await toolchain.findCompiler(projectOf(name, dir), signal);
    return { name, title, found: true, version: version.split("\n", 1)[0] ?? "", path };
  } catch (error) {
    if (signal.aborted && error === signal.reason)
      return { name, title, found: false, reason: `no answer within ${timeoutMs / 1000} s`, hint: "" };
    if (!(error instanceof PropError)) throw error;
    return { name, title, found: false, reason: error.message, hint: error.hint ?? "" };
  }
}

/** A project that nothing is read from: only its folder and kind matter to a search. */
function projectOf(toolchain: string, dir: string): Project {
  return { dir, name: "doctor", toolchain, kind: "event", source: "", env: {}, limits: {}, outputPath: dir };
}
