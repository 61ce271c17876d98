/** Bodies that are right by their schema and can't be meant: unknown zones, cycles, modules that are none. */
import type { Operation } from "./operations.ts";
import type { Random } from "./random.ts";

const WASM = "AGFzbQEAAAA=";
const ok = { name: "f", file: WASM };
const deepList = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;

function impossibleTasks({ uuid }: Random): (object | string)[] {
  return [
    { ...ok, file: "no base64 at all!" },
    { ...ok, file: Buffer.from("no module").toString("base64") },
    { ...ok, schedule: "not a schedule" },
    { ...ok, schedule: "61 * * * *" },
    { ...ok, schedule: "* * * * *", timezone: "Mars/Olympus" },
    { ...ok, broadcast: true, proplet_id: uuid() },
    { ...ok, depends_on: [uuid()] },
    { ...ok, run_if: "whenever" },
    { ...ok, metadata: { a: "x".repeat(1_100_000) } },
    `{"name":"f","metadata":${deepList}}`,
  ];
}

function impossibleGroups(random: Random): object[] {
  const [a, b] = [random.uuid(), random.uuid()];
  const cycle = [
    { ...ok, id: a, name: "a", depends_on: [b] },
    { ...ok, id: b, name: "b", depends_on: [a] },
  ];
  return [
    { name: "g", tasks: [] },
    { name: "g", tasks: cycle, execution_mode: "configurable" },
    { name: "g", tasks: [{ ...ok, depends_on: [random.uuid()] }], execution_mode: "configurable" },
    { name: "g", tasks: [{ ...ok, id: a, depends_on: [a] }], execution_mode: "configurable" },
    { name: "g", tasks: [{ ...ok, file: "?" }] },
  ];
}

/** Bodies for `operation` that its handler has to refuse; none where nothing is known of it. */
export function impossibleBodies({ method, path }: Operation, random: Random): string[] {
  const bodies =
    method !== "POST"
      ? []
      : path === "/tasks"
        ? impossibleTasks(random)
        : path === "/jobs"
          ? [...impossibleGroups(random), { name: "g", tasks: [ok], execution_mode: "sideways" }]
          : path === "/workflows"
            ? impossibleGroups(random)
            : [];
  return bodies.map((body) => (typeof body === "string" ? body : JSON.stringify(body)));
}
