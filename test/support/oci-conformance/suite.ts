/** The public conformance suite of the distribution spec, built once a machine through Go's module proxy. */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

const SUITE = "github.com/opencontainers/distribution-spec/conformance";
const VERSION = "v0.0.0-20260831232431-97274622c111";

/** The path of the suite's program; undefined, with the reason printed, where it can't be built here. */
export async function buildSuite(): Promise<string | undefined> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const folder = join(cache, "prop-tests", "oci-conformance", VERSION);
  const program = join(folder, "conformance");
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  const built = await execa("go", ["install", `${SUITE}@${VERSION}`], {
    env: { GOBIN: folder },
    reject: false,
    timeout: 110_000,
  });
  if (existsSync(program)) return program;
  const reason = (built.stderr || built.shortMessage || "").split("\n")[0];
  console.warn(`skipped: the distribution spec's conformance suite can't be built: ${reason}`);
  return undefined;
}

export interface SuiteResult {
  tests: number;
  failures: number;
  /** What was written of those that failed. */
  failed: string[];
}

/** Runs all its workflows against a registry. */
export async function runSuite(
  program: string,
  { host, dir, version }: { host: string; dir: string; version: "1.1" | "dev" },
): Promise<SuiteResult> {
  const { stdout } = await execa(program, [], {
    cwd: dir,
    env: { OCI_REGISTRY: host, OCI_TLS: "disabled", OCI_RESULTS_DIR: dir, OCI_VERSION: version },
    reject: false,
  });
  const report = await readFile(join(dir, "junit.xml"), "utf8");
  const [, tests, failures, errors] = / tests="(\d+)" failures="(\d+)" errors="(\d+)"/.exec(report) ?? [];
  const failed = stdout.split("\n").filter((line) => line.startsWith("  ") && /: (FAIL|Error)$/.test(line));
  return { tests: Number(tests), failures: Number(failures) + Number(errors), failed };
}
