import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createUser } from "../support/dev.ts";

const task = (name: string, inputs: string[], fields: object = {}) => ({
  name,
  module: "build/hello.wasm",
  cli_args: ["--invoke", "add"],
  inputs,
  ...fields,
});

test("jobs and workflows are created from files, followed to their end, and deleted", async () => {
  const user = await createUser();
  const project = await user.createProject();
  await user.prop(project, ["build"]);
  await user.startDev(project);

  await writeFile(
    join(project, "job.json"),
    JSON.stringify({ name: "sums", tasks: [task("a", ["1", "2"]), task("b", ["3", "4"])] }),
  );
  const created = await user.prop(project, [
    "jobs",
    "create",
    "-f",
    "job.json",
    "--mode",
    "sequential",
    "--start",
  ]);
  const watched = await user.prop(project, ["jobs", "get", created.stdout, "--watch"]);
  expect(watched.stdout).toMatch(/mode +sequential\nstate +Completed\nprogress +2 of 2: 2 completed/);
  expect(await user.json(project, ["jobs", "list"])).toMatchObject({ total: 1, jobs: [{ state: 3 }] });
  await user.prop(project, ["jobs", "delete", created.stdout]);
  const gone = await user.prop(project, ["jobs", "get", created.stdout]);
  expect({ exitCode: gone.exitCode, stderr: gone.stderr }).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("doesn't exist"),
  });

  await writeFile(
    join(project, "workflow.json"),
    JSON.stringify({
      tasks: [task("a", ["1", "x"]), task("b", ["3", "4"], { depends_on: ["a"] })],
    }),
  );
  const workflow = await user.prop(project, ["workflows", "create", "-f", "workflow.json", "--start"]);
  const drawn = await user.prop(project, ["workflows", "get", workflow.stdout, "--watch"]);
  expect(drawn.exitCode).toBe(1);
  expect(drawn.stdout).toContain("│ Failed  │");
  expect(drawn.stdout).toContain("│ Skipped │");
  expect(drawn.stdout).toMatch(/a: .*'x'/);

  await writeFile(join(project, "bad.json"), '{"name": "x"}');
  const refused = await user.prop(project, ["jobs", "create", "-f", "bad.json"]);
  expect({ exitCode: refused.exitCode, stderr: refused.stderr }).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('bad.json: it has no list "tasks"'),
  });
});
