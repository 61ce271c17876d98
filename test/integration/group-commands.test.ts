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
});

test("a file that says what nobody reads, or nothing at all, is refused before anything is created", async () => {
  const user = await createUser();
  const folder = user.dir;
  const refusal = async (kind: "jobs" | "workflows", text: string) => {
    await writeFile(join(folder, "bad.json"), text);
    const { exitCode, stderr } = await user.prop(folder, [kind, "create", "-f", "bad.json"]);
    expect(exitCode).toBe(2);
    return stderr;
  };
  expect(await refusal("jobs", '{"name": "x"}')).toContain("bad.json: tasks is missing");
  expect(await refusal("jobs", '{"tasks": []}')).toContain("bad.json: tasks must not be empty");
  expect(await refusal("workflows", '{"tasks": [{"name": "a", "depend_on": []}]}')).toContain(
    "bad.json: tasks[0].depend_on is unknown. Did you mean depends_on?",
  );
  expect(await refusal("workflows", '{"tasks": [{"name": 1}], "execution_mode": "parallel"}')).toMatch(
    /bad\.json: tasks\[0\]\.name must be a string.*\n.*execution_mode is unknown/,
  );
  expect(await refusal("jobs", "[1]")).toContain("bad.json: must be a mapping, not a list");
  expect(await refusal("jobs", "{")).toContain("bad.json: ");
});

test("a task without a module is not created to be started", async () => {
  const user = await createUser();
  const folder = user.dir;
  const { exitCode, stderr } = await user.prop(folder, ["tasks", "create", "add", "2", "3", "--start"]);
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--start needs to know what to run"),
  });
});
