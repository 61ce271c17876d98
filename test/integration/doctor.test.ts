import { expect, test } from "vitest";
import { toolchainNames } from "../../src/function/toolchains/index.ts";
import { createWorkspace, prop } from "../support/workspace.ts";

test("prop doctor shows every toolchain: found with version and place, or how to get it", async () => {
  const cwd = await createWorkspace();
  const env = { PATH: cwd, DOCKER_CONFIG: cwd };
  const { exitCode, stdout } = await prop(cwd, ["doctor", "--json"], { env });
  expect(exitCode).toBe(0);
  const { toolchains, credentials } = JSON.parse(String(stdout));
  expect(toolchains.map(({ name }: { name: string }) => name)).toEqual(toolchainNames);
  expect(toolchains).toContainEqual(
    expect.objectContaining({ name: "wat", found: true, version: expect.stringMatching(/^wabt \d/) }),
  );
  expect(toolchains).toContainEqual(
    expect.objectContaining({ name: "go", found: false, hint: expect.stringContaining("go.dev") }),
  );
  expect(credentials.found).toBe(false);
});
