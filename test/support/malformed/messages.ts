/** Messages that a manager must drop: damaged by their schema, as text, or true to it and about nothing that is. */
import type { TObject } from "typebox";
import { Accepted } from "../../../src/protocol/messages/accepted.ts";
import { Announce } from "../../../src/protocol/messages/announce.ts";
import { Discovery } from "../../../src/protocol/messages/discovery.ts";
import { Heartbeat } from "../../../src/protocol/messages/heartbeat.ts";
import { Chunk, ImageRequest } from "../../../src/protocol/messages/image.ts";
import { Invoke } from "../../../src/protocol/messages/invoke.ts";
import { InvokeResults } from "../../../src/protocol/messages/invoke-results.ts";
import { Logs } from "../../../src/protocol/messages/logs.ts";
import { PropletMetrics, TaskMetrics } from "../../../src/protocol/messages/metrics.ts";
import { Received } from "../../../src/protocol/messages/received.ts";
import { Results } from "../../../src/protocol/messages/results.ts";
import { RoundStart } from "../../../src/protocol/messages/round-start.ts";
import { Start } from "../../../src/protocol/messages/start.ts";
import { Stop } from "../../../src/protocol/messages/stop.ts";
import type { TopicKind } from "../../../src/protocol/topics.ts";
import type { Random } from "./random.ts";
import { damaged, damagesOf, type Names, pickWrong, type Schema, sampleOf, wrongValues } from "./schema.ts";
import { brokenText, withDuplicate } from "./text.ts";

/** Every kind there is: the compiler asks for a new one here. */
const schemas: Record<TopicKind, TObject> = {
  discovery: Discovery,
  heartbeat: Heartbeat,
  results: Results,
  invokeResults: InvokeResults,
  propletMetrics: PropletMetrics,
  taskMetrics: TaskMetrics,
  accepted: Accepted,
  logs: Logs,
  start: Start,
  stop: Stop,
  invoke: Invoke,
  received: Received,
  announce: Announce,
  imageRequest: ImageRequest,
  chunk: Chunk,
  roundStart: RoundStart,
};

const kinds = Object.keys(schemas).filter((kind): kind is TopicKind => kind in schemas);
/** What a proplet listens to. */
export const commandKinds: readonly TopicKind[] = [
  "start",
  "stop",
  "invoke",
  "received",
  "announce",
  "chunk",
];
/** What a manager may be told. */
export const reportKinds: readonly TopicKind[] = kinds.filter((kind) => !commandKinds.includes(kind));

const tables = new Map(kinds.map((kind) => [kind, tableOf(schemas[kind])]));

function tableOf(schema: Schema) {
  const fields = Object.entries(schema.properties ?? {})
    .map(([name, field]) => ({ name, field }))
    .filter(({ field }) => wrongValues(field).length > 0);
  return { schema, damages: damagesOf(schema), fields };
}

/** A payload of `kind` that its schema refuses, whoever it names. */
export function malformedMessage(kind: TopicKind, random: Random, names: Names): string | Buffer {
  const table = tables.get(kind);
  if (table === undefined) throw new Error(`no table for ${kind}`);
  const sample = sampleOf(table.schema, random, names);
  const way = random.below(10);
  if (way < 3) return brokenText(sample, random, true);
  if (way === 3) {
    const { name, field } = random.pick(table.fields);
    return withDuplicate(Object(sample), name, pickWrong(field, random));
  }
  // Its fields stand in the prototype of what a careless merge would make of it.
  if (way === 4) return `{"__proto__":${JSON.stringify(sample)},"constructor":{"prototype":{}}}`;
  return JSON.stringify(damaged(sample, random.pick(table.damages), random)) ?? "";
}

const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** Well-formed messages about tasks, attempts, proplets and invocations that don't exist; `active` are tasks that run. */
export function pointlessMessage(random: Random, active: readonly string[]): [TopicKind, string] {
  const nobody = random.uuid();
  const known = random.pick(active);
  const stale = 2 + random.below(1_000_000);
  const figures = { cpu_percent: 1 };
  const makers: [TopicKind, () => object][] = [
    ["results", () => ({ task_id: nobody, proplet_id: nobody, results: "1", attempt: 1 })],
    ["results", () => ({ task_id: known, proplet_id: "p1", results: "1", attempt: stale })],
    ["results", () => ({ task_id: known, proplet_id: nobody, error: "lost" })],
    [
      "results",
      () => ({ task_id: random.pick(["__proto__", "constructor", "+", "#", "../.."]), results: {} }),
    ],
    ["accepted", () => ({ task_id: nobody, attempt: 1, proplet_id: "p1" })],
    ["accepted", () => ({ task_id: known, attempt: stale, proplet_id: "p1" })],
    ["heartbeat", () => ({ proplet_id: nobody, status: "offline" })],
    ["invokeResults", () => ({ task_id: known, invocation_id: nobody, results: "1" })],
    ["propletMetrics", () => ({ proplet_id: nobody, cpu_metrics: { percent: 1 } })],
    ["taskMetrics", () => ({ task_id: nobody, proplet_id: "p1", metrics: figures, timestamp: 1e308 })],
    ["imageRequest", () => ({ app_name: nobody, digest: `sha256:${"0".repeat(64)}`, proplet_id: "p1" })],
    ["imageRequest", () => ({ app_name: "no/such/image:1" })],
  ];
  const [kind, make] = random.pick(makers);
  const json = JSON.stringify(make());
  // More levels than can be written again, in a field that nobody knows.
  return [kind, random.below(20) === 0 ? `${json.slice(0, -1)},"more":${deep(20_000)}}` : json];
}
