/** Whether a value is a manifest: its kind, its schema, and what a schema can't say. */
import { type DagNode, dagFlaw } from "../dag.ts";
import { cpuMillis, memoryBytes } from "../quantity.ts";
import { checkSchema, isObject, type Path, type Problem, unknownWord } from "./check-schema.ts";
import { durationMs } from "./duration.ts";
import { API_VERSION } from "./fields.ts";
import type { GroupedTaskSpec } from "./grouped-task.ts";
import { kindSchemas, kinds, type Manifest } from "./kinds.ts";
import { moduleSources } from "./run-fields.ts";

/** A WebAssembly module has its memory in pages. */
const PAGE_BYTES = 65_536;

export type Checked = { ok: true; manifest: Manifest } | { ok: false; problems: Problem[] };

/** Names every problem at once. */
export function checkManifest(value: unknown): Checked {
  if (!isObject(value)) return refused([{ path: [], what: "must be a mapping with apiVersion and kind" }]);
  const { apiVersion, kind } = value;
  const heads = [
    ...head("apiVersion", apiVersion, [API_VERSION], "is not known"),
    ...head("kind", kind, kinds, "is not known"),
  ];
  const known = kinds.find((name) => name === kind);
  if (known === undefined || heads.length > 0) return refused(heads);
  const problems = checkSchema(kindSchemas[known], value);
  if (problems.length > 0) return refused(problems);
  const manifest = parsed(value);
  const broken = [...rules(manifest)];
  return broken.length > 0 ? refused(broken) : { ok: true, manifest };
}

function refused(problems: Problem[]): Checked {
  return { ok: false, problems };
}

function head(field: string, value: unknown, known: readonly string[], what: string): Problem[] {
  if (typeof value === "string" && known.includes(value)) return [];
  const missing = value === undefined;
  const mistyped = unknownWord(typeof value === "string" ? value : "", known);
  return [{ path: [field], what: missing ? "is missing" : `${JSON.stringify(value)} ${what}`, mistyped }];
}

/** The schema of its kind held it. */
function parsed(value: object): Manifest {
  return value as Manifest;
}

function* rules(manifest: Manifest): Iterable<Problem> {
  switch (manifest.kind) {
    case "Task":
    case "Function":
      yield* runRules(manifest.spec, ["spec"]);
      return;
    case "Job":
    case "Workflow":
      yield* groupRules(manifest.spec.tasks);
      return;
    case "Proplet": {
      const { type } = manifest.spec;
      const other = type === "k8s" ? "external" : "k8s";
      if (manifest.spec[other] !== undefined)
        yield {
          path: ["spec", other],
          what: `is for proplets of type ${other}; this one is of type ${type}`,
        };
    }
  }
}

type Run = Extract<Manifest, { kind: "Function" }>["spec"];

function* runRules(run: Run, path: Path): Iterable<Problem> {
  const given = moduleSources.filter((source) => run[source] !== undefined);
  if (given.length === 0) yield { path, what: "needs a module: imageUrl, or file" };
  if (given.length > 1) yield { path, what: `has more than one module: ${given.join(", ")}` };
  const { limits, resourceRequirements: resources } = run;
  const at = (...more: string[]): Path => [...path, ...more];
  if (limits?.wallTime !== undefined && durationMs(limits.wallTime) === undefined)
    yield {
      path: at("limits", "wallTime"),
      what: `must be a duration such as 10s, not "${limits.wallTime}"`,
    };
  yield* quantityRule(limits?.memory, memoryBytes, "64Mi", at("limits", "memory"));
  if (limits?.memory !== undefined && Number(memoryBytes(limits.memory)) < PAGE_BYTES)
    yield { path: at("limits", "memory"), what: `must be 64Ki, a page, or more, not ${limits.memory}` };
  yield* quantityRule(resources?.cpu, cpuMillis, "500m", at("resourceRequirements", "cpu"));
  yield* quantityRule(resources?.memory, memoryBytes, "64Mi", at("resourceRequirements", "memory"));
}

function* quantityRule(
  value: string | number | undefined,
  parse: (quantity: string | number) => number | undefined,
  example: string,
  path: Path,
): Iterable<Problem> {
  if (value === undefined || parse(value) !== undefined) return;
  yield { path, what: `must be a quantity such as ${example}, not "${value}"` };
}

function* groupRules(tasks: Extract<Manifest, { kind: "Job" }>["spec"]["tasks"]): Iterable<Problem> {
  const names = new Set<string>();
  for (const [index, task] of tasks.entries()) {
    const path = ["spec", "tasks", index];
    if (names.has(task.name)) yield { path: [...path, "name"], what: `"${task.name}" is there already` };
    names.add(task.name);
    yield* runRules(task, path);
  }
  let allThere = names.size === tasks.length;
  for (const [index, { dependsOn = [] }] of tasks.entries()) {
    for (const [place, name] of dependsOn.entries()) {
      if (names.has(name)) continue;
      allThere = false;
      const path = ["spec", "tasks", index, "dependsOn", place];
      yield { path, what: `"${name}" is none of the tasks`, mistyped: unknownWord(name, [...names]) };
    }
  }
  const flaw = allThere ? dagFlaw(tasks.map(nodeOf)) : undefined;
  if (flaw !== undefined) yield { path: ["spec", "tasks"], what: `can't run: ${flaw}` };
}

function nodeOf({ name, dependsOn }: GroupedTaskSpec): DagNode {
  return { id: name, name, depends_on: dependsOn };
}
