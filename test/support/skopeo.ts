/** skopeo, the client of registries that others use, for tests. */
import { accessSync, constants } from "node:fs";
import { execa } from "execa";

const PATH = "/usr/bin/skopeo";

/** Whether it is there; where it isn't, the reason is printed. */
export function hasSkopeo(): boolean {
  try {
    accessSync(PATH, constants.X_OK);
    return true;
  } catch {
    console.warn("skipped: no skopeo on this machine (apt install skopeo)");
    return false;
  }
}

/** Runs it, with no TLS and no policy. @returns stdout */
export async function skopeo(...args: string[]): Promise<string> {
  const { stdout } = await execa(PATH, ["--insecure-policy", ...args]);
  return stdout;
}
