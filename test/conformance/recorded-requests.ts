/** What each request of the legacy manager's record carried. */
import { randomUUID } from "node:crypto";

export const ADD = Buffer.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0,
  10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11,
]).toString("base64");
const PROFILE = {
  enabled: true,
  interval: 5,
  collect_cpu: true,
  collect_memory: true,
  export_to_mqtt: true,
  retain_history: true,
  history_size: 10,
};
const EVERY_FIELD = {
  name: "all",
  image_url: "docker.io/x/y:v1",
  cli_args: ["--invoke", "f"],
  inputs: [3],
  env: { A: "b" },
  daemon: true,
  monitoring_profile: PROFILE,
  mode: "infer",
  priority: 7,
  metadata: { team: "x", n: 1 },
};

/** By step; `$n` stands for an id. */
export const bodies: Record<string, unknown> = {
  create: { name: "add", file: ADD, inputs: [1, "2"] },
  "create, every field": EVERY_FIELD,
  "create without a name": { inputs: ["1"] },
  "create, bad JSON": '{"name":',
  "create, no content type": { name: "x" },
  "create, name is a number": { name: 5 },
  "create, inputs an object": { name: "x", inputs: {} },
  "create, unknown field": { name: "x", colour: "blue" },
  "create, priority 101": { name: "x", priority: 101 },
  "create, broadcast and pinned": { name: "x", broadcast: true, proplet_id: randomUUID() },
  "create, bad file": { name: "x", file: "*" },
  "create, file is no wasm": { name: "x", file: "aGVsbG8=" },
  update: { name: "add", inputs: ["10", "20"] },
  "update, unknown": { name: "add" },
  "update after it ended": { name: "add", inputs: ["3", "4"] },
  "create for stop": { name: "loop", file: ADD, daemon: true },
  "create latent": { name: "add", file: ADD, latent: true },
  "invoke before start": { inputs: ["1"] },
  invoke: { inputs: [5, "6"], env: { K: "v" } },
  "invoke that fails": { inputs: ["5"] },
  "create pinned": { name: "add", image_url: "docker.io/x/add:v1", inputs: ["1", "2"], proplet_id: "$p2" },
  "create, bad schedule": { name: "x", schedule: "whenever" },
  "create, bad timezone": { name: "x", schedule: "0 9 * * *", timezone: "Mars/Base" },
  "create, schedule": {
    name: "cron",
    file: ADD,
    inputs: ["1", "2"],
    schedule: "0 9 * * *",
    timezone: "Europe/Madrid",
    is_recurring: true,
  },
  "create, depends_on without workflow": { name: "x", depends_on: ["$7"] },
  "create broadcast": { name: "add", file: ADD, broadcast: true },
  "create job, parallel": {
    name: "j",
    execution_mode: "parallel",
    tasks: [
      { name: "add", file: ADD, inputs: ["1", "2"] },
      { name: "add", file: ADD, inputs: ["3", "4"] },
    ],
  },
  "create job, sequential": {
    name: "s",
    execution_mode: "sequential",
    tasks: [
      { name: "a", file: ADD },
      { name: "b", file: ADD },
    ],
  },
  "job without tasks": { name: "j", tasks: [] },
  "job, bad mode": { name: "j", execution_mode: "sometimes", tasks: [{ name: "a", file: ADD }] },
  workflow: {
    tasks: [
      { id: "$22", name: "a", file: ADD },
      { name: "b", file: ADD, depends_on: ["$22"] },
      { name: "c", file: ADD, depends_on: ["$22"], run_if: "failure" },
    ],
  },
  "workflow, cycle": {
    tasks: [
      { id: "$26", name: "a", file: ADD, depends_on: ["$27"] },
      { id: "$27", name: "b", file: ADD, depends_on: ["$26"] },
    ],
  },
  "workflow, unknown dependency": {
    tasks: [{ id: "$28", name: "a", file: ADD, depends_on: ["$29"] }],
  },
  "workflow, no tasks": { tasks: [] },
  "fl without coordinator": {},
};
