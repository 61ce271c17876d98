import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { inFileOrder } from "./explain.ts";
import { parseManifests } from "./parse-manifests.ts";

const golden = join(import.meta.dirname, "../../test/golden/manifests");

const task = `apiVersion: propeller.absmach.fr/v1alpha1
kind: Task
metadata:
  name: hello
spec:
  imageUrl: registry.example.com/hello:v1
`;

function problemsOf(text: string): string[] {
  return inFileOrder(parseManifests(text, "task.yaml").problems);
}

test.each(readdirSync(golden))("%s, which is known to users, is a manifest", (file) => {
  const { manifests, problems } = parseManifests(readFileSync(join(golden, file), "utf8"), file);
  expect(problems).toEqual([]);
  expect(manifests).toHaveLength(1);
});

test("an unknown field is named with its place and what was probably meant", () => {
  expect(problemsOf(`${task}  priority: 1\n\n  preferedPropletType: any\n`)).toEqual([
    "task.yaml:9:3: spec.preferedPropletType is unknown. Did you mean preferredPropletType?",
  ]);
});

test("an unknown field that is near to none is answered with all that may stand there", () => {
  expect(problemsOf(`${task}  limits: {xyzzy: 1}\n`)).toEqual([
    "task.yaml:7:12: spec.limits.xyzzy is unknown. Known: wallTime, memory",
  ]);
});

test("all that is wrong in a file is told at once, in its order", () => {
  const text = task
    .replace("name: hello", "name: Hello World")
    .concat("  priority: high\n  env:\n    PORT: 8080\n  limits: {wallTime: soon, memory: 4Gb}\n")
    .concat("---\nkind: Tsk\napiVersion: v1\n---\na: 1\na: 2\n");
  expect(problemsOf(text)).toEqual([
    'task.yaml:4:3: metadata.name must be lower case letters, digits, - and ., with a letter or digit first and last, not "Hello World"',
    'task.yaml:7:3: spec.priority must be a whole number, not "high"',
    'task.yaml:9:5: spec.env.PORT must be a string: write "8080", not 8080',
    'task.yaml:10:12: spec.limits.wallTime must be a duration such as 10s or 1m30s, not "soon"',
    'task.yaml:10:28: spec.limits.memory must be a quantity such as 64Mi, not "4Gb"',
    'task.yaml:12:1: kind "Tsk" is not known. Did you mean Task?',
    'task.yaml:13:1: apiVersion "v1" is not known. Known: propeller.absmach.fr/v1alpha1',
    "task.yaml:16:1: Map keys must be unique",
  ]);
});

test("a number where a duration belongs is answered with a duration, not with the number in quotes", () => {
  expect(problemsOf(`${task}  limits: {wallTime: 10}\n`)).toEqual([
    "task.yaml:7:12: spec.limits.wallTime must be a duration such as 10s or 1m30s, not 10",
  ]);
});

test.each([
  [
    "a missing field is told where it is missing",
    task.replace("  name: hello\n", "  labels: {}\n"),
    "3:1: metadata.name is missing",
  ],
  [
    "a task needs a module",
    task.replace("imageUrl: registry.example.com/hello:v1", "daemon: true"),
    "5:1: spec needs a module: imageUrl, or file",
  ],
  ["one module is enough", `${task}  file: a.wasm\n`, "5:1: spec has more than one module: imageUrl, file"],
  [
    "a kind must be there",
    "apiVersion: propeller.absmach.fr/v1alpha1\n",
    "1:1: kind is missing. Known: Proplet, Task, Job, Workflow, Function",
  ],
  ["a text is no manifest", "hello\n", "1:1: must be a mapping with apiVersion and kind"],
  [
    "a module has whole pages of memory",
    `${task}  limits: {memory: 1Ki}\n`,
    "7:12: spec.limits.memory must be 64Ki, a page, or more, not 1Ki",
  ],
])("%s", (_, text, problem) => {
  expect(problemsOf(text)).toEqual([`task.yaml:${problem}`]);
});

const group = (tasks: string) => `apiVersion: propeller.absmach.fr/v1alpha1
kind: Workflow
metadata: {name: chain}
spec:
  tasks:
${tasks}`;

test("tasks of a workflow have names of their own, and depend on names that are there", () => {
  const text = group(`    - {name: fetch, imageUrl: a}
    - {name: fetch, imageUrl: a}
    - {name: store, imageUrl: a, dependsOn: [fetsh]}
`);
  expect(problemsOf(text)).toEqual([
    'task.yaml:7:8: spec.tasks[1].name "fetch" is there already',
    'task.yaml:8:46: spec.tasks[2].dependsOn[0] "fetsh" is none of the tasks. Did you mean fetch?',
  ]);
});

test("tasks that wait for each other are found before anything is applied", () => {
  const text = group(`    - {name: fetch, imageUrl: a, dependsOn: [store]}
    - {name: store, imageUrl: a, dependsOn: [fetch]}
`);
  expect(problemsOf(text)).toEqual([
    "task.yaml:5:3: spec.tasks can't run: tasks depend on each other in a circle: fetch → store → fetch",
  ]);
});

test("a field of a proplet that belongs to another type of it is refused", () => {
  const text =
    "apiVersion: propeller.absmach.fr/v1alpha1\nkind: Proplet\nmetadata: {name: a}\nspec:\n  type: k8s\n  external: {deviceType: esp32}\n";
  expect(problemsOf(text)).toEqual([
    "task.yaml:6:3: spec.external is for proplets of type external; this one is of type k8s",
  ]);
});

test("several documents, JSON, and the list that get writes are read alike", () => {
  const { manifests } = parseManifests(`${task}---\n---\n${task}`, "two.yaml");
  const values = manifests.map(({ manifest }) => manifest);
  expect(values).toHaveLength(2);
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: values });
  expect(parseManifests(list, "list.json").manifests.map(({ manifest }) => manifest)).toEqual(values);
});

test("a problem in a list has its place in the list", () => {
  const list = `{"apiVersion":"v1","kind":"List","items":[\n{"apiVersion":"propeller.absmach.fr/v1alpha1","kind":"Tosk"}]}`;
  expect(problemsOf(list)).toEqual(['task.yaml:2:47: items[0].kind "Tosk" is not known. Did you mean Task?']);
});

test("anchors serve, until they are a bomb", () => {
  const shared = `${task}  env: &env {A: b}\n  metadata: *env\n`;
  const [first] = parseManifests(shared, "a.yaml").manifests;
  expect(first?.manifest.spec).toMatchObject({ env: { A: "b" }, metadata: { A: "b" } });
  const levels = Array.from({ length: 20 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`);
  const bomb = `a0: &a0 lol\n${levels.join("\n")}\n`;
  expect(problemsOf(bomb)).toEqual([expect.stringMatching(/^task.yaml:1:1: Excessive alias count/)]);
});

test("what nests too deep is refused", () => {
  expect(problemsOf(`${"[".repeat(50_000)}${"]".repeat(50_000)}`)).toEqual([
    expect.stringContaining("nests too deep"),
  ]);
});

test("any text is manifests or problems, never a crash", () => {
  const json = fc.json({ maxDepth: 6 });
  const yamlish = fc
    .array(
      fc.constantFrom(
        ...task.split(/(?<=[\n: ])/),
        "- ",
        "&a ",
        "*a ",
        "? ",
        "|\n",
        "{",
        "[",
        "!!set ",
        "\t",
        "<<: ",
      ),
    )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), json, yamlish), (text) => {
      const { manifests, problems } = parseManifests(text, "any.yaml");
      for (const { text, line, column } of problems) {
        expect(text).toMatch(/^any\.yaml:\d+:\d+: /);
        expect(Math.min(line, column)).toBeGreaterThan(0);
      }
      expect(manifests.length + problems.length).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 2_000 },
  );
});

test("a manifest with anything in the place of anything is taken or explained", () => {
  const start = parseManifests(task, "a.yaml").manifests[0]?.manifest ?? {};
  const paths = [
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "spec.imageUrl",
    "spec.env",
    "spec.limits",
    "spec.schedule",
    "spec.inputs",
    "spec.propletSelector",
    "metadata.name",
    "metadata.labels",
  ];
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
      const changed = structuredClone(start);
      const steps = path.split(".");
      const last = steps.pop() ?? "";
      const parent = steps.reduce<object>((node, step) => Reflect.get(node, step) ?? {}, changed);
      Reflect.set(parent, last, value);
      const { manifests, problems } = parseManifests(stringify(changed), "a.yaml");
      expect(manifests.length > 0).toBe(problems.length === 0);
    }),
    { numRuns: 1_000 },
  );
});
