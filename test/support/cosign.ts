/** The real cosign, where somebody has put it on this machine: it reads our signatures and we read its. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";

/** Built once by `go install`, outside the tree. */
const version = "3.1.3";
const cached = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), `prop-test/cosign-${version}`);

/** The binary's path; undefined, with the reason printed, where there is none. */
export function findCosign(): string | undefined {
  const folders = [cached, ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.map((folder) => join(folder, "cosign")).find((path) => existsSync(path));
  if (!found) {
    const how = `GOBIN=${cached} go install github.com/sigstore/cosign/v3/cmd/cosign@v${version}`;
    console.warn(`skipped: signatures against cosign, which is not on this machine (${how})`);
  }
  return found;
}

/** Runs it with a password for its keys, and nothing asked of the internet. */
export function runCosign(binary: string, args: string[], cwd: string) {
  return execa(binary, args, {
    cwd,
    env: { COSIGN_PASSWORD: "secret", COSIGN_YES: "true" },
    reject: false,
    all: true,
  });
}
