/** Abuses a manager in this process: `node --expose-gc manager-run.ts <messages> <requests> <seed>`; prints a report as JSON. */
import { setTimeout as delay } from "node:timers/promises";
import type { TopicKind } from "../../../src/protocol/topics.ts";
import { connectInProcess } from "../../../src/transport/in-process.ts";
import { createSender, httpGarbage, mqttGarbage, sendGarbage } from "./http-sender.ts";
import { malformedMessage, pointlessMessage, reportKinds } from "./messages.ts";
import { type Populated, startPopulated } from "./populated-manager.ts";
import { createRandom, type Random } from "./random.ts";
import { type BadRequest, badRequests } from "./requests.ts";
import type { Names } from "./schema.ts";
import { watchProcess } from "./watch.ts";

const [messages = 0, requests = 0, seed = 1] = process.argv.slice(2).map(Number);
const ROUNDS = 10;
const AT_A_TIME = 16;
const SHOWN = 20;
const NO_ANSWER = -1;

const watch = watchProcess();
const manager = await startPopulated(watch).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
});
const random = createRandom(seed);
const sender = createSender(manager.url);
const statuses: Record<string, number> = {};
const taken: string[] = [];
const heapMiB: number[] = [];
const changed: string[] = [];

const [known] = manager.active;
const names: Names = {
  id: manager.ids.tasks ?? [],
  task_id: manager.active,
  proplet_id: ["p1", "legacy"],
  boot_id: ["b1", "b2"],
  attempt: [1],
  name: ["f"],
  file: ["AGFzbQEAAAA="],
  image_url: ["registry.example/a:1"],
  metadata: [{ a: 1 }],
  schedule: ["0 0 1 1 *"],
  timezone: ["UTC"],
  run_if: ["success"],
  kind: ["standard"],
  mode: ["infer"],
  priority: [50],
  depends_on: [[known]],
  execution_mode: ["parallel"],
};
const nextRequest = badRequests({ operations: manager.operations, random, names, ids: manager.ids });

async function publish(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const [kind, payload] = message();
    const topic = manager.topics.of(kind);
    // Some over the network; those are fewer, as they are slow.
    const by = random.below(8) === 0 ? manager.remote : local;
    const sent = by.publish(topic, payload, { qos: 1 });
    const settled = sent.catch((error: unknown) => watch.bug(String(error)));
    if (index % 50 === 0) await settled;
  }
}

function message(): [TopicKind, string | Buffer] {
  if (random.below(5) === 0) return pointlessMessage(random, manager.active);
  const kind = random.pick(reportKinds);
  return [kind, malformedMessage(kind, random, names)];
}

async function request(count: number): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const one = nextRequest();
      judge(one, await sender.send(one).catch(() => NO_ANSWER));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
}

/** What changes something must be refused, and nothing may be a failure of the server. */
function judge(one: BadRequest, status: number): void {
  statuses[status] = (statuses[status] ?? 0) + 1;
  const isRefused = status === 0 || (status >= 400 && status < 500);
  // As recorded of a legacy manager that has no coordinator for federated learning.
  const isUnset = status === 500 && one.path.startsWith("/fl/");
  if (isRefused || isUnset || status === 501 || status === 503 || (one.isHarmless && status < 400)) return;
  if (taken.length < SHOWN) taken.push(`${status} ${describe(one)}`);
}

function describe({ method, path, headers, body }: BadRequest): string {
  return `${method} ${path.slice(0, 200)} ${headers["content-type"] ?? ""} ${String(body).slice(0, 300)}`;
}

async function garbage({ httpPort, broker }: Populated, from: Random): Promise<void> {
  for (let index = 0; index < 5; index++) {
    await Promise.all([
      sendGarbage(httpPort, httpGarbage(from)),
      sendGarbage(broker.port, mqttGarbage(from)),
    ]);
  }
}

const local = connectInProcess(manager.broker, { clientId: "local", qos: 1 });
const before = await manager.fingerprint();
for (let round = 0; round < ROUNDS; round++) {
  await Promise.all([publish(messages / ROUNDS), request(requests / ROUNDS), garbage(manager, random)]);
  await delay(50);
  heapMiB.push(Math.round((await watch.heapBytes()) / 2 ** 20));
  const after = await manager.fingerprint();
  if (after !== before) changed.push(firstDifference(before, after));
}
const { longestStallMs } = watch;
const result = await manager.stillWorks();
sender.close();
await local.close();
await manager.close();
watch.stop();
const routes = manager.operations.length;
const rssMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
const report = {
  result,
  routes,
  statuses,
  taken,
  changed,
  bugs: watch.bugs.slice(0, SHOWN),
  longestStallMs,
  heapMiB,
  rssMiB,
};
process.stdout.write(`${JSON.stringify(report)}\n`);

function firstDifference(was: string, is: string): string {
  const at = Array.from(was).findIndex((character, index) => character !== is[index]);
  const around = (text: string) => text.slice(Math.max(0, at - 200), at + 200);
  return `${around(was)}\n→ ${around(is)}`;
}
