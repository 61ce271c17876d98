/** A broker, a store on disk and a manager in this process, for tests that speak the contract to it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBroker } from "../../src/broker/broker.ts";
import { createManager, type ManagerOptions } from "../../src/manager/create-manager.ts";
import type { Manager } from "../../src/manager/manager.ts";
import type { ChangeEvent } from "../../src/model/event.ts";
import { topicsOf } from "../../src/protocol/topics.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { connectInProcess } from "../../src/transport/in-process.ts";
import { createInbox, type Inbox } from "./inbox.ts";

export const silentLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export type Rig = Awaited<ReturnType<typeof startRig>>;

export async function startRig(options: Partial<ManagerOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), "prop-rig-"));
  const topics = topicsOf("lab", "control");
  const broker = await createBroker({ port: 0, baseTopic: topics.base });
  let store = openSqliteStore({ path: join(directory, "prop.db") });
  let transport = connectInProcess(broker, { clientId: "manager", qos: 1 });
  let manager = await start();

  function start(): Promise<Manager> {
    return createManager({ store, transport, topics, log: silentLog, ...options });
  }

  async function stop(): Promise<void> {
    await manager.close();
    await transport.close();
    await store.close();
  }

  return {
    directory,
    topics,
    broker,
    get manager() {
      return manager;
    },
    get store() {
      return store;
    },
    /** What happens from now on, until this manager ends. */
    follow(): Inbox<ChangeEvent> {
      const events = createInbox<ChangeEvent>();
      manager.events.follow(undefined, ({ event }) => events.put(event));
      return events;
    },
    /** The manager ends and comes back on the same store; `meanwhile` happens in between. */
    async restart(meanwhile: () => Promise<unknown> = async () => {}) {
      await stop();
      await meanwhile();
      store = openSqliteStore({ path: join(directory, "prop.db") });
      transport = connectInProcess(broker, { clientId: "manager", qos: 1 });
      manager = await start();
    },
    async close() {
      await stop();
      await broker.close();
      await rm(directory, { recursive: true });
    },
  };
}
