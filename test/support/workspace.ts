/** A folder for the projects of one test, and prop run from its sources in it. */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { onTestFinished } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/**
 * Makes an empty folder that is removed when the test is over. A project in it finds the compilers that are this
 * repository's own devDependencies, so that nothing is installed.
 */
export async function createWorkspace(): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "prop-test-")));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await symlink(join(root, "node_modules"), join(dir, "node_modules"));
  return dir;
}

/** Writes files by their path under `dir`. */
export async function writeFiles(dir: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
}

export interface PropOptions {
  env?: Record<string, string>;
  /** All that is on stdin. It is empty by default; null leaves it open, for the test to write to. */
  input?: string | null;
}

/** Runs prop in `cwd`, with no terminal. What it exits with is the test's to check. */
export function prop(cwd: string, args: readonly string[], { env = {}, input = "" }: PropOptions = {}) {
  const stdin = input === null ? {} : { input };
  return execa(process.execPath, [join(root, "bin/dev.js"), ...args], { cwd, env, ...stdin, reject: false });
}
