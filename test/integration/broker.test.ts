/** The embedded broker: keys, access rules, bounds, and its end. */

import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import mqtt from "mqtt";
import { afterEach, describe, expect, test } from "vitest";
import { type Broker, type BrokerOptions, createBroker } from "../../src/broker/broker.ts";
import { authenticateFrom, type Credential, keysMatch } from "../../src/broker/credentials.ts";
import type { BrokerWarning } from "../../src/broker/warnings.ts";
import { connectInProcess } from "../../src/transport/in-process.ts";
import { connectMqtt, type MqttOptions } from "../../src/transport/mqtt.ts";
import type { Transport } from "../../src/transport/transport.ts";

const baseTopic = "m/d/c/x";
const endings: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function start(options: Partial<BrokerOptions> = {}) {
  const warnings: BrokerWarning[] = [];
  const listeners = new Set<() => void>();
  const broker = await createBroker({
    port: 0,
    baseTopic,
    onWarning: (warning) => {
      warnings.push(warning);
      for (const listener of listeners) listener();
    },
    ...options,
  });
  endings.push(() => broker.close());
  const warned = (code: BrokerWarning["code"]) =>
    new Promise<BrokerWarning>((resolve) => {
      const look = () => {
        const found = warnings.find((warning) => warning.code === code);
        if (found) resolve(found);
      };
      listeners.add(look);
      look();
    });
  return { broker, warnings, warned, address: `tcp://127.0.0.1:${broker.port}` };
}

const credentials = new Map<string, Credential>([
  ["boss", { key: "boss-key", role: "manager" }],
  ["p1", { key: "p1-key", role: "proplet" }],
  ["p2", { key: "p2-key", role: "proplet" }],
  ["eye", { key: "eye-key", role: "client" }],
]);

function startGuarded() {
  return start({ authenticate: authenticateFrom(credentials) });
}

async function login(address: string, id: string, options: Partial<MqttOptions> = {}): Promise<Transport> {
  const password = credentials.get(id)?.key ?? "";
  const transport = await connectMqtt({ address, clientId: id, username: id, password, ...options });
  endings.push(() => transport.close());
  return transport;
}

function local(broker: Broker): Transport {
  return connectInProcess(broker, { clientId: "local" });
}

async function inboxOf(transport: Transport, filter: string) {
  const texts: string[] = [];
  let onArrival = () => {};
  await transport.subscribe(filter, ({ topic, payload }) => {
    texts.push(`${topic} ${Buffer.from(payload)}`);
    onArrival();
  });
  const count = (wanted: number) =>
    new Promise<void>((resolve) => {
      onArrival = () => {
        if (texts.length >= wanted) resolve();
      };
      onArrival();
    });
  return { texts, count };
}

describe("a login", () => {
  test.each([
    ["a wrong key", { username: "p1", password: "p2-key" }],
    ["an unknown name", { username: "nobody", password: "" }],
    ["no name", {}],
    ["a name that is a wildcard", { username: "+", password: "any" }],
  ])("with %s is refused, and warned of", async (_name, given) => {
    const { address, warned } = await startGuarded();
    const connecting = connectMqtt({ address, clientId: "p1", ...given });
    await expect(connecting).rejects.toMatchObject({ code: "BROKER_UNAUTHORIZED" });
    expect(await warned("LOGIN_REFUSED")).toMatchObject({ clientId: "p1" });
  });

  test("may use another client id than its name, but not one that somebody else holds", async () => {
    const { address } = await startGuarded();
    await login(address, "boss");
    await login(address, "p1", { clientId: "p1-second-connection" });
    await expect(login(address, "p1", { clientId: "boss" })).rejects.toMatchObject({
      code: "BROKER_UNAUTHORIZED",
    });
  });

  test("gets back its own name from who took it as a client id", async () => {
    const { address } = await startGuarded();
    const squatter = await login(address, "p1", { clientId: "p2" });
    const lost = new Promise<void>((resolve) => squatter.onDisconnect(resolve));
    const owner = await login(address, "p2");
    await lost;
    expect(owner.connected).toBe(true);
  });

  test("whose key is withdrawn ends for good at the next connect", async () => {
    const { broker, address } = await startGuarded();
    const p1 = await login(address, "p1");
    const fatal = new Promise<Error>((resolve) => p1.onFatal(resolve));
    await broker.close();
    const waiting = p1.publish(`${baseTopic}/control/proplet/alive`, "x");
    const failed = expect(waiting).rejects.toMatchObject({ code: "BROKER_UNAUTHORIZED" });
    await start({ port: broker.port, authenticate: () => undefined });
    expect(await fatal).toMatchObject({ code: "BROKER_UNAUTHORIZED" });
    await failed;
    await expect(p1.publish("a", "x")).rejects.toMatchObject({ code: "BROKER_UNAUTHORIZED" });
  });
});

test("keys are compared whole, whatever their lengths", () => {
  expect(keysMatch("key", "key")).toBe(true);
  expect(keysMatch("key", "key2")).toBe(false);
  expect(keysMatch("", "key")).toBe(false);
});

describe("access", () => {
  test.each([
    ["p1", `${baseTopic}/control/manager/#`],
    ["p1", `${baseTopic}/control/manager/start/+`],
    ["p1", `${baseTopic}/control/manager/+/p2`],
    ["p1", "#"],
    ["boss", "#"],
    ["boss", "m/d/c/other/#"],
    ["eye", "fl/#"],
  ])("is denied to %s subscribing to %s", async (id, filter) => {
    const { address, warned } = await startGuarded();
    const transport = await login(address, id);
    await expect(transport.subscribe(filter, () => {})).rejects.toMatchObject({
      code: "SUBSCRIPTION_DENIED",
      message: expect.stringContaining(filter),
    });
    expect(await warned("SUBSCRIBE_DENIED")).toMatchObject({ clientId: id });
    expect(transport.connected).toBe(true);
  });

  test("lets a proplet hear broadcasts and its own commands, and no other's", async () => {
    const { address } = await startGuarded();
    const [boss, p1] = [await login(address, "boss"), await login(address, "p1")];
    const broadcasts = await inboxOf(p1, `${baseTopic}/control/manager/+`);
    const direct = await inboxOf(p1, `${baseTopic}/control/manager/+/p1`);
    await boss.publish(`${baseTopic}/control/manager/start/p2`, "not yours");
    await boss.publish(`${baseTopic}/control/manager/stop`, "all");
    await boss.publish(`${baseTopic}/control/manager/invoke/p1`, "yours");
    await Promise.all([broadcasts.count(1), direct.count(1)]);
    expect(broadcasts.texts).toEqual([`${baseTopic}/control/manager/stop all`]);
    expect(direct.texts).toEqual([`${baseTopic}/control/manager/invoke/p1 yours`]);
  });

  test.each([
    ["p1", `${baseTopic}/control/manager/start/p2`],
    ["p1", "$SYS/fake"],
    ["eye", `${baseTopic}/control/proplet/results`],
    ["boss", "m/d/c/other/control/manager/start"],
  ])("takes from %s what it publishes on %s and throws it away, with a warning", async (id, topic) => {
    const { broker, address, warnings, warned } = await startGuarded();
    const inside = local(broker);
    const watched = await inboxOf(inside, topic);
    const fence = await inboxOf(inside, "fence");
    const transport = await login(address, id);
    for (const qos of [1, 2] as const) await transport.publish(topic, "x", { qos, retain: true });
    expect(await warned("PUBLISH_DENIED")).toMatchObject({
      clientId: id,
      message: expect.stringContaining(topic),
    });
    await inside.publish("fence", "x");
    await fence.count(1);
    expect(watched.texts).toEqual([]);
    expect(broker.retained("#").concat(broker.retained(topic))).toEqual([]);
    expect(warnings.filter(({ code }) => code === "PUBLISH_DENIED").length).toBe(1);
    expect(transport.connected).toBe(true);
  });

  test("denied to one filter of several is denied to what waits for a kept session too", async () => {
    const { broker, address } = await startGuarded();
    const allowed = `${baseTopic}/control/manager/start/p1`;
    const denied = `${baseTopic}/control/manager/start/p2`;
    const connect = () =>
      mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
        clientId: "p1",
        username: "p1",
        password: "p1-key",
        clean: false,
      });
    const raw = await connect();
    await expect(raw.subscribeAsync([allowed, denied, allowed], { qos: 1 })).rejects.toThrow();
    await raw.endAsync();
    const boss = await login(address, "boss");
    await boss.publish(denied, "secret");
    await boss.publish(allowed, "open");
    const p1 = await login(address, "p1", { clean: false });
    const inbox = await inboxOf(p1, allowed);
    await inbox.count(1);
    await boss.publish(denied, "secret");
    await boss.publish(allowed, "again");
    await inbox.count(2);
    expect(inbox.texts).toEqual([`${allowed} open`, `${allowed} again`]);
  });

  test("holds for wills as for messages", async () => {
    const { broker, address, warned } = await startGuarded();
    const inbox = await inboxOf(local(broker), `${baseTopic}/#`);
    const will = (topic: string) => ({
      topic: `${baseTopic}/${topic}`,
      payload: "gone",
      qos: 1 as const,
      retain: true,
    });
    const cut = await Promise.all([
      rawConnect(broker.port, "p1", will("control/manager/start")),
      rawConnect(broker.port, "p2", will("control/proplet/alive")),
    ]);
    for (const client of cut) client.stream.destroy();
    await inbox.count(1);
    expect(await warned("PUBLISH_DENIED")).toMatchObject({ clientId: "p1" });
    expect(inbox.texts).toEqual([`${baseTopic}/control/proplet/alive gone`]);
    const later = await inboxOf(await login(address, "boss"), `${baseTopic}/#`);
    await later.count(1);
    expect(later.texts).toEqual(inbox.texts);
  });
});

async function rawConnect(port: number, id: string, will: mqtt.IClientOptions["will"]) {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: id,
    username: id,
    password: credentials.get(id)?.key ?? "",
    reconnectPeriod: 0,
    ...(will && { will }),
  });
  endings.push(() => client.endAsync(true));
  return client;
}

describe("bounds", () => {
  test("a client that is away finds the last messages, and the broker says that it dropped some", async () => {
    const { broker, address, warned, warnings } = await start({ limits: { queuedMessages: 10 } });
    const away = await connectMqtt({ address, clientId: "away", clean: false });
    await away.subscribe("a", () => {});
    await away.close();
    for (let index = 0; index < 25; index += 1) await local(broker).publish("a", String(index));
    const back = await connectMqtt({ address, clientId: "away", clean: false });
    endings.push(() => back.close());
    const inbox = await inboxOf(back, "a");
    await inbox.count(10);
    expect(inbox.texts).toEqual(Array.from({ length: 10 }, (_, index) => `a ${index + 15}`));
    expect(await warned("QUEUE_FULL")).toMatchObject({ clientId: "away" });
    expect(warnings.filter(({ code }) => code === "QUEUE_FULL").length).toBe(1);
  });

  test("hold in bytes as in messages", async () => {
    const { broker, address, warned } = await start({ limits: { queuedBytes: 10_000 } });
    const away = await connectMqtt({ address, clientId: "away", clean: false });
    await away.subscribe("a", () => {});
    await away.close();
    for (const text of ["1", "2", "3"]) await local(broker).publish("a", text.repeat(4_000));
    const back = await connectMqtt({ address, clientId: "away", clean: false });
    endings.push(() => back.close());
    const inbox = await inboxOf(back, "a");
    await inbox.count(2);
    expect(inbox.texts.map((text) => text.slice(0, 3))).toEqual(["a 2", "a 3"]);
    expect((await warned("QUEUE_FULL")).clientId).toBe("away");
  });

  test("a kept session that is connected gets everything, however much passes through its queue", async () => {
    const { broker, address, warnings } = await start({ limits: { queuedMessages: 5 } });
    const here = await connectMqtt({ address, clientId: "here", clean: false });
    endings.push(() => here.close());
    const inbox = await inboxOf(here, "a");
    await Promise.all(Array.from({ length: 500 }, (_, index) => local(broker).publish("a", String(index))));
    await inbox.count(500);
    expect(inbox.texts).toEqual(Array.from({ length: 500 }, (_, index) => `a ${index}`));
    expect(here.connected).toBe(true);
    expect(warnings.every(({ code }) => code === "QUEUE_FULL")).toBe(true);
  });

  test.each([
    [0, "is not sent more, and stays"],
    [1, "is closed"],
  ] as const)("a client that doesn't read messages of QoS %i %s; others get them all", async (qos, _end) => {
    const { broker, address, warned } = await start({ limits: { unsentBytes: 1_000_000 } });
    const wire = await startClog(broker.port);
    const slow = await connectMqtt({ address: wire.address, clientId: "slow" });
    endings.push(() => slow.close());
    await slow.subscribe("a", () => {});
    const fast = await connectMqtt({ address, clientId: "fast" });
    endings.push(() => fast.close());
    const inbox = await inboxOf(fast, "a");
    wire.clog();
    const inside = local(broker);
    const payload = Buffer.alloc(500_000, "x");
    let sent = 0;
    let isWarned = false;
    void warned("SLOW_CLIENT").then(() => {
      isWarned = true;
    });
    while (!isWarned) {
      void inside.publish("a", payload, { qos });
      sent += 1;
      await nextTurn();
      await inbox.count(sent);
    }
    const lost = new Promise<void>((resolve) => slow.onDisconnect(resolve));
    expect((await warned("SLOW_CLIENT")).clientId).toBe("slow");
    if (qos > 0) await wire.closedByBroker;
    expect(inbox.texts.length).toBe(sent);
    wire.cut();
    await lost;
  });
});

/** A wire to a broker whose near end stops reading. */
async function startClog(port: number) {
  const pairs: [Socket, Socket][] = [];
  const closed = Promise.withResolvers<void>();
  const server = createServer((near) => {
    const far = createConnection({ port, host: "127.0.0.1" });
    pairs.push([near, far]);
    near.on("error", () => {});
    far.on("error", () => {});
    far.on("close", () => closed.resolve());
    near.on("close", () => far.destroy());
    near.pipe(far);
    far.pipe(near);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const cut = () => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  endings.push(() => {
    server.close();
    cut();
  });
  return {
    address: `tcp://127.0.0.1:${address.port}`,
    closedByBroker: closed.promise,
    clog() {
      for (const [near, far] of pairs) {
        far.unpipe(near);
        far.pause();
        // A socket that isn't read hears of its end by writing.
        near.unpipe(far);
      }
      const beat = setInterval(() => {
        for (const [, far] of pairs) far.write(Buffer.from([0xc0, 0]));
      }, 20);
      void closed.promise.then(() => clearInterval(beat));
    },
    cut,
  };
}

describe("the broker", () => {
  test("names the port that is taken", async () => {
    const { broker } = await start();
    await expect(createBroker({ port: broker.port, baseTopic })).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: expect.stringContaining(String(broker.port)),
      cause: { code: "EADDRINUSE" },
    });
  });

  test("names the host that is not here", async () => {
    await expect(createBroker({ port: 0, host: "192.0.2.1", baseTopic })).rejects.toMatchObject({
      code: "HOST_UNKNOWN",
      message: expect.stringContaining("192.0.2.1"),
    });
  });

  test("takes 5,000 messages of QoS 2 that one client sends without waiting", async () => {
    const { broker } = await start();
    const raw = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { clientId: "raw" });
    endings.push(() => raw.endAsync(true));
    const inbox = await inboxOf(local(broker), "a");
    await Promise.all(
      Array.from({ length: 5_000 }, (_, index) => raw.publishAsync("a", String(index), { qos: 2 })),
    );
    await inbox.count(5_000);
    expect(inbox.texts).toEqual(Array.from({ length: 5_000 }, (_, index) => `a ${index}`));
  });

  test("keeps apart what is published in one turn at different qualities", async () => {
    const { broker, address } = await start();
    const remote = await connectMqtt({ address, clientId: "r" });
    endings.push(() => remote.close());
    const inbox = await inboxOf(remote, "a/#");
    const inside = local(broker);
    await Promise.all([
      inside.publish("a/1", "x", { qos: 2, retain: true }),
      inside.publish("a/2", "x", { qos: 1 }),
      inside.publish("a/3", "x", { qos: 0 }),
    ]);
    await inbox.count(3);
    expect(inbox.texts.sort()).toEqual(["a/1 x", "a/2 x", "a/3 x"]);
  });

  test("closes with clients connected, with sockets that never said who they are, and twice", async () => {
    const { broker, address } = await start();
    const inside = local(broker);
    const remote = await connectMqtt({ address, clientId: "r" });
    endings.push(() => remote.close());
    const mute = createConnection({ port: broker.port, host: "127.0.0.1" });
    mute.on("error", () => {});
    await once(mute, "connect");
    const told = Promise.all([
      once(mute, "close"),
      new Promise<void>((resolve) => remote.onDisconnect(resolve)),
      new Promise<void>((resolve) => inside.onDisconnect(resolve)),
    ]);
    await Promise.all([broker.close(), broker.close()]);
    await told;
    expect([inside.connected, remote.connected]).toEqual([false, false]);
    await expect(inside.publish("a", "x")).rejects.toMatchObject({ code: "TRANSPORT_CLOSED" });
  });
});
