/** A manager with something of everything in it: what malformed input must not change. */

import { createApi } from "../../../src/api/server.ts";
import { connectMqtt } from "../../../src/transport/mqtt.ts";
import { addModule } from "../add-module.ts";
import { joinAs, ourFeatures } from "../fake-proplet.ts";
import { startRig } from "../rig.ts";
import { type Operation, readOperations } from "./operations.ts";
import type { Watch } from "./watch.ts";

const NEVER_MS = 3_600_000;

export type Populated = Awaited<ReturnType<typeof startPopulated>>;

export async function startPopulated(watch: Watch) {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: (text: string) => watch.bug(text) };
  const rig = await startRig({ log, offlineThresholdMs: NEVER_MS, acceptTimeoutMs: NEVER_MS });
  const api = await createApi({ manager: rig.manager, port: 0, version: "0", log });
  const { broker, topics, manager } = rig;
  const p1 = await joinAs({ broker, topics, id: "p1", features: ourFeatures, bootId: "b1" });
  const legacy = await joinAs({ broker, topics, id: "legacy" });
  const remote = await connectMqtt({ address: `tcp://127.0.0.1:${broker.port}`, clientId: "remote", qos: 1 });

  const task = { name: "add", file: addModule, inputs: ["1", "2"] };
  async function accept(): Promise<Record<string, unknown>> {
    const start = await p1.next("start");
    await p1.accept(start);
    return start;
  }
  const run = (input: object) => manager.tasks.create({ ...task, ...input }, { start: true });
  const ended = await run({ proplet_id: "p1", env: { __proto__x: "1", constructor: "2" } });
  await p1.finish(await accept(), "3");
  await p1.next("received");
  const running = await run({ proplet_id: "p1" });
  await accept();
  const elsewhere = await run({ proplet_id: "legacy" });
  await legacy.next("start");
  const waiting = await run({ proplet_id: "p9", metadata: { constructor: { prototype: 1 } } });
  const idle = await manager.tasks.create({ ...task, name: "__proto__" });
  const deploying = manager.functions.deploy("add", { ...task, proplet_id: "p1" });
  await accept();
  const { task_id: resident } = await deploying;
  const members = [{ ...task }, { ...task, name: "b" }];
  const job = await manager.jobs.create({ name: "j", tasks: members, execution_mode: "parallel" });
  const workflow = await manager.workflows.create({ name: "w", tasks: members });
  const token = await manager.tokens.create({ name: "t", scope: "read" });

  const operations = await readOperations(api.url);
  const active = [running.id, elsewhere.id, resident];
  const tasks = [...active, ended.id, waiting.id, idle.id];
  const ids: Record<string, string[]> = {
    tasks,
    proplets: ["p1", "legacy"],
    functions: ["add"],
    jobs: [job.id],
    workflows: [workflow.id],
    tokens: [token.record.id],
  };

  return {
    ...rig,
    url: api.url,
    httpPort: api.port,
    remote,
    operations,
    active,
    ids,
    /** All that can be asked for, and all that a restart would find. */
    async fingerprint(): Promise<string> {
      const answers = [JSON.stringify(await rig.store.load())];
      for (const path of operations.flatMap((operation) => readable(operation, ids))) {
        const answer = await fetch(`${api.url}${path}`);
        answers.push(`${path} ${answer.status} ${await answer.text()}`);
      }
      return answers.join("\n");
    },
    /** Runs one more task from request to result. */
    async stillWorks(): Promise<unknown> {
      const body = JSON.stringify({ ...task, proplet_id: "p1" });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${api.url}/tasks?start=true`, { method: "POST", headers, body });
      const { id } = (await answer.json()) as { id: string };
      await p1.finish(await accept(), "3");
      await p1.inbox.take(({ kind, task_id }) => kind === "received" && task_id === id);
      return (await rig.store.task(id))?.results;
    },
    async close() {
      await api.close();
      await remote.close();
      await p1.close();
      await legacy.close();
      await rig.close();
    },
  };
}

/** Counters, uptimes and streams are no state. */
const VOLATILE = /^\/(health|metrics|events|openapi\.json)$/;

function readable({ method, path }: Operation, ids: Record<string, string[]>): string[] {
  if (method !== "GET" || VOLATILE.test(path)) return [];
  if (!path.includes("{")) return [path];
  return (ids[path.split("/")[1] ?? ""] ?? []).map((id) => path.replace(/\{\w+\}/, id));
}
