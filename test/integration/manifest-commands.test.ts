/** apply, get and delete, as a user calls them. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Api, createApi } from "../../src/api/server.ts";
import { addText, assemble } from "../../src/engine/testing/wat.ts";
import { inlineModules } from "../../src/manifest/module-files.ts";
import { parseManifests } from "../../src/manifest/parse-manifests.ts";
import { type FakeProplet, joinAs } from "../support/fake-proplet.ts";
import { type Rig, startRig } from "../support/rig.ts";
import { createWorkspace, type PropOptions, prop, writeFiles } from "../support/workspace.ts";

let rig: Rig;
let api: Api;
let dir: string;
let proplet: FakeProplet;

beforeEach(async () => {
  dir = await createWorkspace();
  rig = await startRig();
  api = await createApi({ manager: rig.manager, port: 0, version: "test" });
  const features = ["direct", "ack", "digest"];
  proplet = await joinAs({ broker: rig.broker, topics: rig.topics, id: "edge-1", features, bootId: "b" });
  await writeFiles(dir, { "build/hello.wasm": await assemble(addText) });
});
afterEach(async () => {
  await api.close();
  await rig.close();
});

const run = (args: string, options: PropOptions = {}) =>
  prop(dir, args.split(" "), { ...options, env: { PROP_TARGET: api.url, XDG_CONFIG_HOME: dir } });

const task = (name: string, spec: string) => `apiVersion: propeller.absmach.fr/v1alpha1
kind: Task
metadata: {name: ${name}}
spec: ${spec}
`;

it("the files and commands of docs/manifests.md do what it says", async () => {
  const page = await readFile(resolve(import.meta.dirname, "../../docs/manifests.md"), "utf8");
  const [, yaml = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const [, shell = ""] = /```sh\n(.*?)```/s.exec(page) ?? [];
  const commands = shell.split("\n").flatMap((line) => /^prop ([^#]*[^# ])/.exec(line)?.[1] ?? []);
  expect(commands).toContain("apply -f add.yaml");
  await writeFiles(dir, { "add.yaml": yaml });
  for (const command of commands) {
    const { exitCode, stderr } = await run(command);
    expect({ command, exitCode, stderr }).toEqual({ command, exitCode: 0, stderr: "" });
  }
  expect((await rig.manager.tasks.list({ offset: 0, limit: 1 })).total).toBe(0);
}, 60_000);

it("nothing is applied where one of the files is wrong, and every problem is told", async () => {
  await writeFiles(dir, {
    "all/a.yaml": task("good", "{file: ../build/hello.wasm}"),
    "all/b.yml": task("bad", "\n  file: ../build/gone.wasm\n  inputz: [1]\n"),
    "all/c.json": "{",
    "all/notes.txt": "not looked at",
    "all/d.yaml": task("good", "{file: ../build/hello.wasm}"),
    "all/e.yaml": task("lost", "\n  file: ../build/gone.wasm\n"),
  });
  const { exitCode, stdout, stderr } = await run("apply -f all");
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr.split("\n")).toEqual([
    "Error: 4 problems",
    "all/b.yml:6:3: spec.inputz is unknown. Did you mean inputs?",
    expect.stringMatching(/^all\/c\.json:1:\d+: /),
    "all/d.yaml:3:12: metadata.name Task/default/good is there twice",
    "all/e.yaml:5:3: spec.file ../build/gone.wasm is not there",
    "  Nothing was changed.",
  ]);
  expect((await rig.manager.tasks.list({ offset: 0, limit: 1 })).total).toBe(0);
}, 60_000);

it("a module that many tasks run is sent once", async () => {
  const tasks = Array.from({ length: 50 }, (_, index) => `    - {name: t${index}, file: build/hello.wasm}`);
  const job = `apiVersion: propeller.absmach.fr/v1alpha1
kind: Job
metadata: {name: many}
spec:
  tasks:
${tasks.join("\n")}
`;
  const [parsed] = parseManifests(job, "job.yaml").manifests;
  if (parsed === undefined) throw new Error("no manifest");
  const { manifest } = await inlineModules(parsed.manifest, dir);
  expect(JSON.stringify(manifest).match(/"module":/g)).toHaveLength(1);
  expect((await run("apply -f -", { input: job })).stdout).toBe("job/many created");
  const { items } = await rig.manager.jobs.list({ offset: 0, limit: 1 });
  expect(new Set(items[0]?.tasks.map(({ module }) => module?.digest)).size).toBe(1);
}, 30_000);

it("a function calls the one export of its module, and has to say which of several", async () => {
  const two = addText.replace('(export "add")', '(export "plus") (export "add")');
  await writeFiles(dir, { "two.wasm": await assemble(two) });
  const sum = (spec: string) => task("sum", spec).replace("kind: Task", "kind: Function");
  const applying = run("apply -f -", { input: sum("{file: build/hello.wasm}") });
  const start = await proplet.next("start");
  expect(start).toMatchObject({ latent: true, cli_args: ["--invoke", "add"] });
  await proplet.accept(start);
  expect((await applying).stdout).toBe("function/sum created");
  const several = await run("apply -f -", { input: sum("{file: two.wasm}") });
  expect(several.stderr).toContain(
    "stdin:4:8: spec.file two.wasm exports several functions: name one of them as export",
  );
  const none = await run("apply -f -", { input: sum("{file: two.wasm, export: sub}") });
  expect(none.stderr).toContain(
    'stdin:4:24: spec.export two.wasm exports no function "sub". It exports: plus',
  );
}, 30_000);

it("stdin, several files and a namespace work together, and a dry run shows each field that would change", async () => {
  await writeFiles(dir, { "one.yaml": task("one", "{file: build/hello.wasm, inputs: [1, 2]}") });
  const input = task("two", "{file: build/hello.wasm}");
  const applied = await run("apply -f one.yaml -f - -n lab", { input });
  expect(applied.stdout).toBe("task/lab/one created\ntask/lab/two created");
  await writeFiles(dir, { "one.yaml": task("one", "{file: build/hello.wasm, inputs: [3], priority: 9}") });
  expect((await run("apply -f one.yaml -n lab --dry-run")).stdout.split("\n")).toEqual([
    "task/lab/one configured (dry run)",
    "  spec.inputs: [1,2] becomes [3]",
    "  spec.priority: 9 is new",
  ]);
  expect((await run("get tasks -n lab -o name")).stdout).toBe("task/one\ntask/two");
  expect((await run("get tasks")).stderr).toBe("no tasks here");
  expect((await run("get tasks -A")).stdout).toMatch(
    /^NAMESPACE +NAME +TASK +PHASE[^\n]+\nlab +one +one +\w+ +edge-1/,
  );
}, 60_000);

it("an object is deleted by its name, and one that isn't there is an error unless that is fine", async () => {
  await run("apply -f -", { input: task("one", "{file: build/hello.wasm}") });
  const dry = await run("delete task one --dry-run");
  expect(dry.stdout).toBe("task/one deleted (dry run)");
  const deleted = await run("delete tasks one two");
  expect(deleted).toMatchObject({ exitCode: 1, stdout: "task/one deleted" });
  expect(deleted.stderr).toBe("task/two: task two doesn't exist");
  expect(await run("delete task one --ignore-not-found")).toMatchObject({ exitCode: 0, stderr: "" });
}, 60_000);

it("get -o json of several objects is a list that apply takes again", async () => {
  await run("apply -f -", {
    input: `${task("one", "{file: build/hello.wasm}")}---\n${task("two", "{imageUrl: a:1}")}`,
  });
  await proplet.next("start");
  const { stdout } = await run("get tasks -o json");
  expect(JSON.parse(stdout)).toMatchObject({ kind: "List", items: [{ kind: "Task" }, { kind: "Task" }] });
  const again = await run("apply -f -", { input: stdout });
  expect(again).toMatchObject({ exitCode: 0, stdout: "task/one unchanged\ntask/two unchanged" });
}, 60_000);

it.each([
  ["get pods", 2, '"pods" is no kind'],
  ["get task gone", 1, "task gone doesn't exist"],
  ["apply -f gone.yaml", 1, "gone.yaml is not there"],
  ["apply -f https://example.com/task.yaml", 2, "a URL is not taken"],
  ["delete task", 2, "name either files, or a kind and names"],
])(
  "prop %s ends with %i and says why",
  async (args, code, reason) => {
    const { exitCode, stderr } = await run(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: expect.stringContaining(reason) });
  },
  30_000,
);
