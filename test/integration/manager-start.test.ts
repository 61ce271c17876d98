import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createBroker } from "../../src/broker/broker.ts";
import { createManager } from "../../src/manager/create-manager.ts";
import { topicsOf } from "../../src/protocol/topics.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { connectInProcess } from "../../src/transport/in-process.ts";
import { silentLog } from "../support/rig.ts";

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

test("a manager that may not subscribe to all it must hear leaves nothing behind", async () => {
  const topics = topicsOf("lab", "start");
  const directory = await mkdtemp(join(tmpdir(), "prop-start-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const broker = await createBroker({ port: 0, baseTopic: topics.base });
  onTestFinished(() => broker.close());
  const transport = connectInProcess(broker, { clientId: "manager" });
  onTestFinished(() => transport.close());
  const store = openSqliteStore({ path: join(directory, "prop.db") });
  onTestFinished(() => store.close());
  const { subscribe } = transport;
  const granted: string[] = [];
  transport.subscribe = (filter, handler) => {
    if (granted.length === 2) return Promise.reject(new Error("not allowed"));
    granted.push(filter);
    return subscribe(filter, handler);
  };
  const { unsubscribe } = transport;
  const given: string[] = [];
  transport.unsubscribe = (filter) => {
    given.push(filter);
    return unsubscribe(filter);
  };

  const before = timers();
  await expect(createManager({ store, transport, topics, log: silentLog })).rejects.toThrow("not allowed");
  expect(timers()).toBe(before);
  expect(given).toEqual(expect.arrayContaining(granted));
});
