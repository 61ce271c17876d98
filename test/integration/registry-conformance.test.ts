/** The registry against the public conformance suite of the distribution spec 1.1. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findDockerRegistry, startDockerRegistry } from "../support/docker-registry.ts";
import { buildSuite, runSuite } from "../support/oci-conformance/suite.ts";
import { startTestRegistry } from "../support/oci-conformance/test-registry.ts";

const suite = await buildSuite();
const dockerRegistry = findDockerRegistry();

async function newFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "prop-conformance-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test.skipIf(suite === undefined)("all of the suite passes, also what the next version asks for", async () => {
  for (const version of ["1.1", "dev"] as const) {
    const { host } = await startTestRegistry();
    const result = await runSuite(suite ?? "", { host, dir: await newFolder(), version });
    expect(result.failed).toEqual([]);
    expect(result.failures).toBe(0);
    expect(result.tests).toBeGreaterThan(800);
  }
});

test.skipIf(suite === undefined || dockerRegistry === undefined)(
  "the suite tells of what another registry lacks",
  async () => {
    const { host } = await startDockerRegistry(dockerRegistry ?? "");
    const { failures, failed } = await runSuite(suite ?? "", {
      host,
      dir: await newFolder(),
      version: "1.1",
    });
    expect(failures).toBeGreaterThan(50);
    expect(failed.join("\n")).toContain("referrers");
  },
);
