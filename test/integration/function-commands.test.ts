import { join } from "node:path";
import { expect, test } from "vitest";
import { createUser } from "../support/dev.ts";

test("functions are listed, shown with where they are ready, and deleted", async () => {
  const user = await createUser();
  const project = await user.createProject();
  await user.startDev(project, [], /deployed hello/);
  await user.prop(project, ["deploy", join("build", "hello.wasm"), "--name", "sum"]);

  const listed = await user.prop(project, ["functions", "list"]);
  expect(listed.stdout).toMatch(/^NAME +REVISION +TASK +AGE\nhello +1 .*\nsum +1 /);
  expect(await user.json(project, ["functions", "list"])).toMatchObject([{ name: "hello" }, { name: "sum" }]);
  const shown = await user.prop(project, ["functions", "get", "sum"]);
  expect(shown.stdout).toMatch(/^state +Running$/m);
  expect(shown.stdout).toMatch(/^proplet_id +proplet-\d$/m);

  await user.prop(project, ["functions", "delete", "sum"]);
  const gone = await user.prop(project, ["functions", "get", "sum"]);
  expect(gone).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("there is no function sum") });
  expect(gone.stderr).toContain("Deployed are: hello");
  expect(await user.json(project, ["functions", "list"])).toHaveLength(1);
});
