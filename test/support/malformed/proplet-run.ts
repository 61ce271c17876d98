/** Abuses a proplet in this process: `node --expose-gc proplet-run.ts <messages> <seed>`; prints a report as JSON. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBroker } from "../../../src/broker/broker.ts";
import { createV8Engine } from "../../../src/engine/v8/engine.ts";
import { createProplet } from "../../../src/proplet/proplet.ts";
import { topicsOf } from "../../../src/protocol/topics.ts";
import { createContentStore } from "../../../src/registry/store/content-store.ts";
import { connectInProcess } from "../../../src/transport/in-process.ts";
import { addModule } from "../add-module.ts";
import { createInbox } from "../inbox.ts";
import { commandKinds, malformedMessage } from "./messages.ts";
import { createRandom } from "./random.ts";
import { watchProcess } from "./watch.ts";

const [messages = 0, seed = 1] = process.argv.slice(2).map(Number);
const ROUNDS = 10;
const SHOWN = 20;

const watch = watchProcess();
const random = createRandom(seed);
const topics = topicsOf("lab", "control");
const dataDir = await mkdtemp(join(tmpdir(), "prop-malformed-"));
const broker = await createBroker({ port: 0, baseTopic: topics.base });
const log = { debug() {}, info() {}, warn() {}, error: (text: string) => watch.bug(text) };
const engine = createV8Engine({ maxWorkers: 2 });
const transport = connectInProcess(broker, { clientId: "p1", qos: 1 });
const manager = connectInProcess(broker, { clientId: "manager", qos: 1 });

interface Report {
  task_id: string;
  results?: unknown;
  error?: string | null;
}
const reports = createInbox<Report>();
const accepted = createInbox<{ task_id: string }>();
/** What ran, though it should not have. */
const ran: string[] = [];
await manager.subscribe(topics.of("results"), ({ payload }) => {
  const report: Report = JSON.parse(Buffer.from(payload).toString());
  // It keeps a result until it has its receipt.
  const receipt = { task_id: report.task_id, attempt: 1 };
  void manager.publish(topics.of("received", "p1"), JSON.stringify(receipt));
  if (report.task_id.startsWith("valid")) reports.put(report);
  else if (!report.error) ran.push(JSON.stringify(report));
});
await manager.subscribe(topics.of("invokeResults"), ({ payload }) => {
  const report: Report = JSON.parse(Buffer.from(payload).toString());
  if (!report.error) ran.push(JSON.stringify(report));
});
await manager.subscribe(topics.of("accepted"), ({ payload }) =>
  accepted.put(JSON.parse(Buffer.from(payload).toString())),
);
const proplet = await createProplet({
  id: "p1",
  transport,
  engine,
  contentStore: createContentStore(join(dataDir, "modules")),
  dataDir,
  topics,
  metadata: {},
  capacity: { slots: 2 },
  log,
});

async function runValid(id: string): Promise<unknown> {
  const start = { id, name: "add", file: addModule, inputs: ["1", "2"], attempt: 1, proplet_id: "p1" };
  await manager.publish(topics.of("start", "p1"), JSON.stringify(start));
  return (await reports.take(({ task_id }) => task_id === id)).results;
}

const names = {
  id: ["t1", "t2", "t3"],
  task_id: ["t1", "t2", "t3"],
  proplet_id: ["p1", "p1", "p2", ""],
  attempt: [1, 2, 3],
  file: [addModule],
  inputs: [["1", "2"]],
  invocation_id: ["i1"],
  name: ["add"],
};
const results: unknown[] = [];
const heapMiB: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  for (let index = 0; index < messages / ROUNDS; index++) {
    const kind = random.pick(commandKinds);
    const topic = topics.of(kind, random.below(2) === 0 ? "p1" : undefined);
    const sent = manager.publish(topic, malformedMessage(kind, random, names));
    const settled = sent.catch((error: unknown) => watch.bug(String(error)));
    if (index % 50 === 0) await settled;
  }
  results.push(await runValid(`valid-${round}`));
  heapMiB.push(Math.round((await watch.heapBytes()) / 2 ** 20));
}
const taken = accepted.items.map(({ task_id }) => task_id).filter((id) => !id.startsWith("valid"));
const { longestStallMs } = watch;
await proplet.close({ graceMs: 1_000 });
await manager.close();
await transport.close();
await engine.close();
await broker.close();
await rm(dataDir, { recursive: true });
watch.stop();
const bugs = watch.bugs.slice(0, SHOWN);
const report = { results, ran: ran.slice(0, SHOWN), taken, bugs, longestStallMs, heapMiB };
process.stdout.write(`${JSON.stringify(report)}\n`);
