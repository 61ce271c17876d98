/** A whole system for a benchmark: broker, store on disk, manager with its HTTP API, proplets with an engine. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "../../src/api/server.ts";
import { createBroker } from "../../src/broker/broker.ts";
import { createV8Engine } from "../../src/engine/v8/engine.ts";
import { createManager } from "../../src/manager/create-manager.ts";
import { createProplet } from "../../src/proplet/proplet.ts";
import { topicsOf } from "../../src/protocol/topics.ts";
import { createContentStore } from "../../src/registry/store/content-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { connectInProcess } from "../../src/transport/in-process.ts";
import { connectMqtt } from "../../src/transport/mqtt.ts";
import type { Transport } from "../../src/transport/transport.ts";

const log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };

export interface SystemOptions {
  /** Address of a broker elsewhere; the embedded one, in process, by default. */
  broker?: string;
  proplets?: number;
}

export async function startSystem({ broker: address, proplets = 2 }: SystemOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), "prop-bench-"));
  const topics = topicsOf("bench", "control");
  const broker = address === undefined ? await createBroker({ port: 0, baseTopic: topics.base }) : undefined;
  const connect = async (clientId: string): Promise<Transport> => {
    if (broker !== undefined) return connectInProcess(broker, { clientId });
    return connectMqtt({ address: address ?? "", clientId, clean: true });
  };
  const store = openSqliteStore({ path: join(directory, "prop.db") });
  const engine = createV8Engine();
  const transports = await Promise.all(
    ["manager", ...Array.from({ length: proplets }, (_, index) => `p${index}`)].map(connect),
  );
  const [own, ...theirs] = transports;
  if (own === undefined) throw new Error("no transport");
  const manager = await createManager({ store, transport: own, topics, log });
  const api = await createApi({ manager, port: 0, version: "bench" });
  const workers = await Promise.all(
    theirs.map(async (transport, index) => {
      const dataDir = join(directory, `p${index}`);
      const contentStore = createContentStore(join(dataDir, "modules"));
      const id = `p${index}`;
      return createProplet({
        id,
        transport,
        engine,
        contentStore,
        dataDir,
        topics,
        metadata: {},
        capacity: { slots: 4 },
        log,
      });
    }),
  );
  return {
    manager,
    url: api.url,
    async close() {
      await Promise.all(workers.map((worker) => worker.close({ graceMs: 1_000 })));
      await api.close();
      await manager.close();
      for (const transport of transports) await transport.close();
      await engine.close();
      await store.close();
      await broker?.close();
      await rm(directory, { recursive: true });
    },
  };
}
