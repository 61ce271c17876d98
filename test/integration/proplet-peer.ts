/** A manager of messages alone, beside a broker and an engine, for the tests of the proplet. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createBroker } from "../../src/broker/broker.ts";
import { createV8Engine } from "../../src/engine/v8/engine.ts";
import { createProplet, type Proplet, type PropletOptions } from "../../src/proplet/proplet.ts";
import { decode, type MessageOf } from "../../src/protocol/decode.ts";
import { encode } from "../../src/protocol/message.ts";
import { type TopicKind, topicsOf } from "../../src/protocol/topics.ts";
import { createContentStore } from "../../src/registry/store/content-store.ts";
import { connectInProcess } from "../../src/transport/in-process.ts";

export const topics = topicsOf("d", "x");

export interface Peer {
  port: number;
  /** Ends the broker. */
  crash(): Promise<void>;
  /** An empty folder, the same for all proplets of this peer. */
  dataDir: string;
  /** What was published so far, of one kind. */
  all<K extends TopicKind>(kind: K): MessageOf[K][];
  /** The first message of a kind that fits, seen already or to come. */
  until<K extends TopicKind>(kind: K, fits: (message: MessageOf[K]) => boolean): Promise<MessageOf[K]>;
  /** Resolves once `count` messages of a kind fit. */
  count<K extends TopicKind>(
    kind: K,
    fits: (message: MessageOf[K]) => boolean,
    count: number,
  ): Promise<MessageOf[K][]>;
  send(kind: TopicKind, message: object | string, propletId?: string): Promise<void>;
  result(taskId: string): Promise<MessageOf["results"]>;
  startProplet(options?: Partial<PropletOptions>): Promise<Proplet>;
}

/** All of it ends with the test. */
export async function startPeer({ port = 0 } = {}): Promise<Peer> {
  const broker = await createBroker({ port, baseTopic: topics.base });
  onTestFinished(() => broker.close());
  const transport = connectInProcess(broker, { clientId: "manager" });
  onTestFinished(() => transport.close());
  const dataDir = await mkdtemp(join(tmpdir(), "prop-proplet-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const engine = createV8Engine();
  onTestFinished(() => engine.close());
  const seen: { kind: TopicKind; payload: Uint8Array }[] = [];
  const checks = new Set<() => void>();
  await transport.subscribe(`${topics.base}/#`, ({ topic, payload }) => {
    const parsed = topics.parse(topic);
    if (parsed === undefined) return;
    seen.push({ kind: parsed.kind, payload });
    for (const check of [...checks]) check();
  });

  function all<K extends TopicKind>(kind: K): MessageOf[K][] {
    return seen
      .filter((one) => one.kind === kind)
      .flatMap(({ payload }) => {
        const decoded = decode[kind](payload);
        return decoded.ok ? [decoded.message] : [];
      });
  }

  function count<K extends TopicKind>(kind: K, fits: (message: MessageOf[K]) => boolean, wanted: number) {
    return new Promise<MessageOf[K][]>((resolve) => {
      const check = () => {
        const found = all(kind).filter(fits);
        if (found.length < wanted) return;
        checks.delete(check);
        resolve(found);
      };
      checks.add(check);
      check();
    });
  }

  async function until<K extends TopicKind>(kind: K, fits: (message: MessageOf[K]) => boolean) {
    const [first] = await count(kind, fits, 1);
    if (first === undefined) throw new Error(`no ${kind}`);
    return first;
  }

  return {
    port: broker.port,
    crash: () => broker.close(),
    dataDir,
    all,
    until,
    count,
    send: (kind, message, propletId) =>
      transport.publish(topics.of(kind, propletId), typeof message === "string" ? message : encode(message)),
    result: (taskId) => until("results", (result) => result.task_id === taskId),
    async startProplet(options = {}) {
      const own = connectInProcess(broker, { clientId: "p1" });
      onTestFinished(() => own.close());
      const proplet = await createProplet({
        id: "p1",
        transport: own,
        engine,
        contentStore: createContentStore(join(dataDir, "modules")),
        dataDir,
        topics,
        metadata: {},
        capacity: { slots: 1 },
        log: { info() {}, warn() {}, error() {} },
        ...options,
      });
      onTestFinished(() => proplet.close({ graceMs: 0 }));
      return proplet;
    },
  };
}
