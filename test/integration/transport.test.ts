/** What every transport promises, over every way to a broker. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createBroker } from "../../src/broker/broker.ts";
import { connectInProcess } from "../../src/transport/in-process.ts";
import { connectMqtt, type MqttOptions } from "../../src/transport/mqtt.ts";
import type { Message, QoS, Transport } from "../../src/transport/transport.ts";
import { freePort } from "../support/free-port.ts";
import { findMosquitto, startMosquitto } from "../support/mosquitto.ts";

const mosquitto = findMosquitto();
const baseTopic = "m/d/c/x";
const qualities: QoS[] = [0, 1, 2];

type Options = Omit<MqttOptions, "address" | "clientId">;

interface Server {
  address: string;
  /** For the two ends of a conversation; a local one ignores what only a network has. */
  publisher(id: string, options?: Options): Promise<Transport>;
  subscriber(id: string, options?: Options): Promise<Transport>;
  /** Ends the broker, all its memory with it. */
  crash(): Promise<void>;
  restart(): Promise<void>;
}

const endings: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

function connectTo(address: string) {
  return async (clientId: string, options: Options = {}) => {
    const transport = await connectMqtt({ address, clientId, ...options });
    endings.push(() => transport.close());
    return transport;
  };
}

async function startAedes({ publisher, subscriber }: Record<"publisher" | "subscriber", "mqtt" | "local">) {
  let broker = await createBroker({ port: 0, baseTopic });
  endings.push(() => broker.close());
  const { port } = broker;
  const address = `tcp://127.0.0.1:${port}`;
  const local = async (clientId: string) => {
    const transport = connectInProcess(broker, { clientId });
    endings.push(() => transport.close());
    return transport;
  };
  return {
    address,
    publisher: publisher === "mqtt" ? connectTo(address) : local,
    subscriber: subscriber === "mqtt" ? connectTo(address) : local,
    crash: () => broker.close(),
    async restart() {
      broker = await createBroker({ port, baseTopic });
    },
  };
}

async function startReal(): Promise<Server> {
  const real = await startMosquitto({ binary: mosquitto ?? "" });
  endings.push(() => real.stop());
  const connect = connectTo(real.address);
  return {
    address: real.address,
    publisher: connect,
    subscriber: connect,
    crash: real.kill,
    restart: real.restart,
  };
}

const ways: { name: string; start: () => Promise<Server>; isNetwork: boolean; isMissing?: boolean }[] = [
  {
    name: "mqtt over Aedes",
    start: () => startAedes({ publisher: "mqtt", subscriber: "mqtt" }),
    isNetwork: true,
  },
  {
    name: "in process",
    start: () => startAedes({ publisher: "local", subscriber: "local" }),
    isNetwork: false,
  },
  {
    name: "from mqtt into the process",
    start: () => startAedes({ publisher: "mqtt", subscriber: "local" }),
    isNetwork: false,
  },
  {
    name: "from the process to mqtt",
    start: () => startAedes({ publisher: "local", subscriber: "mqtt" }),
    isNetwork: false,
  },
  { name: "mqtt over Mosquitto", start: startReal, isNetwork: true, isMissing: !mosquitto },
];

/** What arrives on a filter, and a promise of the moment when there is enough of it. */
async function collect(transport: Transport, filter: string) {
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  await transport.subscribe(filter, (message) => {
    messages.push(message);
    for (const check of waiting) check();
  });
  const until = (isEnough: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!isEnough()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return {
    messages,
    texts: () => messages.map(({ payload }) => Buffer.from(payload).toString()),
    count: (count: number) => until(() => messages.length >= count),
    includes: (text: string) =>
      until(() => messages.some(({ payload }) => Buffer.from(payload).equals(Buffer.from(text)))),
  };
}

function fatalOf(transport: Transport): Promise<Error> {
  return new Promise((resolve) => transport.onFatal(resolve));
}

function disconnectOf(transport: Transport): Promise<void> {
  return new Promise((resolve) => transport.onDisconnect(resolve));
}

function connectOf(transport: Transport): Promise<void> {
  return new Promise((resolve) => transport.onConnect(resolve));
}

/** A wire to a broker that a test can cut. */
async function startWire(address: string) {
  const target = Number(new URL(address).port);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connectSocket({ port: target, host: "127.0.0.1", noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    near.pipe(far).pipe(near);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  endings.push(() => {
    server.close();
    cut();
  });
  return { address: `tcp://127.0.0.1:${bound.port}`, cut, refuse: () => server.close() };
}

describe.for(ways)("$name", ({ start, isNetwork, isMissing = false }) => {
  describe.skipIf(isMissing)("a transport", () => {
    test.for(qualities)("carries text and bytes at QoS %i", async (qos) => {
      const server = await start();
      const [publisher, subscriber] = [await server.publisher("p"), await server.subscriber("s")];
      const inbox = await collect(subscriber, "a/b");
      await publisher.publish("a/b", "grüß", { qos });
      await publisher.publish("a/b", new Uint8Array([0, 255, 1]).subarray(1), { qos });
      await publisher.publish("a/b", "", { qos });
      await inbox.count(3);
      expect(inbox.messages.map(({ topic, retain }) => ({ topic, retain }))).toEqual(
        Array(3).fill({ topic: "a/b", retain: false }),
      );
      expect(inbox.messages.map(({ payload }) => [...payload])).toEqual([
        [...Buffer.from("grüß")],
        [255, 1],
        [],
      ]);
    });

    test.for(qualities)(
      "loses none of 2,000 pipelined messages at QoS %i and keeps their order",
      async (qos) => {
        const server = await start();
        const [publisher, subscriber] = [await server.publisher("p"), await server.subscriber("s")];
        const inbox = await collect(subscriber, "a/b");
        const sent = Array.from({ length: 2_000 }, (_, index) => String(index));
        await Promise.all(sent.map((text) => publisher.publish("a/b", text, { qos })));
        await inbox.count(sent.length);
        expect(inbox.texts()).toEqual(sent);
      },
    );

    test("loses nothing where QoS and retain change from message to message", async () => {
      const server = await start();
      const [publisher, subscriber] = [await server.publisher("p"), await server.subscriber("s")];
      const inbox = await collect(subscriber, "a/#");
      const sent = Array.from({ length: 600 }, (_, index) => ({
        topic: `a/${index % 6}`,
        text: String(index),
        options: { qos: qualities[index % 3] ?? 0, retain: index % 2 === 0 },
      }));
      await Promise.all(sent.map(({ topic, text, options }) => publisher.publish(topic, text, options)));
      await inbox.count(sent.length);
      expect(inbox.texts().sort()).toEqual(sent.map(({ text }) => text).sort());
    });

    test("sends what matches a wildcard and nothing else", async () => {
      const server = await start();
      const [publisher, subscriber] = [await server.publisher("p"), await server.subscriber("s")];
      const single = await collect(subscriber, "one/+/end");
      const many = await collect(subscriber, "many/#");
      for (const topic of ["one/x/end", "one/x/y/end", "one/end", "many", "many/a/b", "none", "many/last"]) {
        await publisher.publish(topic, topic);
      }
      await publisher.publish("one/last/end", "one/last/end");
      await Promise.all([single.count(2), many.count(3)]);
      expect(single.texts()).toEqual(["one/x/end", "one/last/end"]);
      expect(many.texts()).toEqual(["many", "many/a/b", "many/last"]);
    });

    test("brings a retained message to who comes later, until it is taken back", async () => {
      const server = await start();
      const [publisher, subscriber] = [await server.publisher("p"), await server.subscriber("s")];
      await publisher.publish("kept/a", "old", { retain: true });
      await publisher.publish("kept/b", "gone", { retain: true });
      await publisher.publish("kept/b", "", { retain: true });
      const inbox = await collect(subscriber, "kept/+");
      await inbox.count(1);
      await publisher.publish("kept/a", "new", { retain: true });
      await inbox.count(2);
      expect(inbox.messages.map(({ payload, retain }) => [Buffer.from(payload).toString(), retain])).toEqual([
        ["old", true],
        ["new", false],
      ]);
    });

    test("carries a payload of a megabyte unchanged", async () => {
      const server = await start();
      const [publisher, subscriber] = [await server.publisher("p"), await server.subscriber("s")];
      const inbox = await collect(subscriber, "big");
      const payload = Buffer.from(Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 7) % 256));
      await publisher.publish("big", payload);
      await inbox.count(1);
      expect(inbox.messages[0]?.payload.length).toBe(payload.length);
      expect(payload.equals(inbox.messages[0]?.payload ?? Buffer.alloc(0))).toBe(true);
    });

    test("calls every handler of a filter, later than the publish, also for one's own messages", async () => {
      const server = await start();
      const both = await server.subscriber("both");
      const first = await collect(both, "mine");
      const second = await collect(both, "mine");
      const published = both.publish("mine", "x");
      expect([first.messages.length, second.messages.length]).toEqual([0, 0]);
      await Promise.all([published, first.count(1), second.count(1)]);
      expect([first.texts(), second.texts()]).toEqual([["x"], ["x"]]);
    });

    test("sends nothing more after an unsubscribe, and again after a new subscribe", async () => {
      const server = await start();
      const [publisher, subscriber] = [await server.publisher("p"), await server.subscriber("s")];
      const before = await collect(subscriber, "a");
      const fence = await collect(subscriber, "fence");
      await subscriber.unsubscribe("a");
      await subscriber.unsubscribe("never subscribed");
      await publisher.publish("a", "unheard");
      await publisher.publish("fence", "1");
      await fence.count(1);
      const after = await collect(subscriber, "a");
      await publisher.publish("a", "heard");
      await after.count(1);
      expect([before.texts(), after.texts()]).toEqual([[], ["heard"]]);
    });

    test("refuses a topic that is none, and everything once it is closed", async () => {
      const server = await start();
      const publisher = await server.publisher("p");
      await expect(publisher.publish("a/+", "x")).rejects.toMatchObject({ code: "TOPIC_INVALID" });
      await expect(publisher.subscribe("a/#/b", () => {})).rejects.toMatchObject({ code: "TOPIC_INVALID" });
      await Promise.all([publisher.close(), publisher.close()]);
      expect(publisher.connected).toBe(false);
      await expect(publisher.publish("a", "x")).rejects.toMatchObject({ code: "TRANSPORT_CLOSED" });
      await expect(publisher.subscribe("a", () => {})).rejects.toMatchObject({ code: "TRANSPORT_CLOSED" });
    });

    test("sends what is under way before it closes", async () => {
      const server = await start();
      const [publisher, subscriber] = [await server.publisher("p"), await server.subscriber("s")];
      const inbox = await collect(subscriber, "a");
      const sent = Array.from({ length: 1_000 }, (_, index) => publisher.publish("a", String(index)));
      await publisher.close();
      await Promise.all(sent);
      await inbox.count(1_000);
      expect(inbox.messages.length).toBe(1_000);
    });

    test("tells at once whom it tells later that it is connected", async () => {
      const server = await start();
      const publisher = await server.publisher("p");
      const listener = vi.fn();
      const off = publisher.onConnect(listener);
      expect([publisher.connected, listener.mock.calls.length]).toEqual([true, 1]);
      off();
    });
  });

  describe.skipIf(!isNetwork || isMissing)("a connection", () => {
    test("that ends abruptly publishes its will, and one that is closed does not", async () => {
      const server = await start();
      const wire = await startWire(server.address);
      const watcher = await collect(await server.subscriber("w"), "will/#");
      const will = (topic: string) => ({ topic, payload: "offline", qos: 1 as const, retain: true });
      const polite = await connectTo(wire.address)("polite", { will: will("will/polite") });
      await connectTo(wire.address)("abrupt", { will: will("will/abrupt") });
      await polite.close();
      wire.refuse();
      wire.cut();
      await watcher.count(1);
      expect(watcher.messages.map(({ topic }) => topic)).toEqual(["will/abrupt"]);
      const later = await collect(await server.subscriber("l"), "will/#");
      await later.count(1);
      expect(later.messages).toMatchObject([{ topic: "will/abrupt", retain: true }]);
    });

    test("survives a crash of the broker with its subscriptions, and sends what waited", async () => {
      const server = await start();
      const [publisher, subscriber] = [await server.publisher("p"), await server.subscriber("s")];
      const exact = await collect(subscriber, "a/b");
      const wildcard = await collect(subscriber, "c/#");
      const lost = Promise.all([disconnectOf(publisher), disconnectOf(subscriber)]);
      await server.crash();
      await lost;
      expect([publisher.connected, subscriber.connected]).toEqual([false, false]);
      await publisher.publish("a/b", "dropped", { qos: 0 });
      const late = collect(subscriber, "late");
      const returned = connectOf(subscriber);
      await server.restart();
      await returned;
      await late;
      const sent = [
        ...Array.from({ length: 700 }, (_, index) => publisher.publish("a/b", String(index), { qos: 2 })),
        publisher.publish("c/d", "one", { qos: 1 }),
        publisher.publish("late", "too"),
      ];
      await Promise.all(sent);
      await Promise.all([exact.count(700), wildcard.count(1), (await late).count(1)]);
      expect(exact.texts()).toEqual(Array.from({ length: 700 }, (_, index) => String(index)));
    });

    test("sends what was published while it was lost, in order", async () => {
      const server = await start();
      const wire = await startWire(server.address);
      const publisher = await connectTo(wire.address)("p");
      const inbox = await collect(await server.subscriber("s"), "a");
      const lost = disconnectOf(publisher);
      wire.cut();
      await lost;
      const sent = Array.from({ length: 1_500 }, (_, index) =>
        publisher.publish("a", String(index), { qos: 1 }),
      );
      await Promise.all(sent);
      await inbox.count(1_500);
      expect(inbox.texts()).toEqual(Array.from({ length: 1_500 }, (_, index) => String(index)));
    });

    test("that is cut in the middle of a burst brings every message at least once", async () => {
      const server = await start();
      const wire = await startWire(server.address);
      const publisher = await connectTo(wire.address)("p");
      const inbox = await collect(await server.subscriber("s"), "a");
      const sent = Array.from({ length: 3_000 }, (_, index) => publisher.publish("a", String(index)));
      await inbox.count(200);
      wire.cut();
      await Promise.all(sent);
      await inbox.includes("2999");
      expect(new Set(inbox.texts()).size).toBe(3_000);
    });

    test("with a session that is kept gets what came while it was away, though it subscribes late", async () => {
      const server = await start();
      const away = await server.subscriber("kept", { clean: false });
      await away.subscribe("a/b", () => {});
      await away.subscribe("a/old", () => {});
      await away.unsubscribe("a/old");
      await away.close();
      const publisher = await server.publisher("p");
      for (const text of ["1", "2", "3"]) await publisher.publish("a/b", text);
      await publisher.publish("a/old", "not wanted any more");
      const back = await server.subscriber("kept", { clean: false });
      const inbox = await collect(back, "a/#");
      await inbox.count(3);
      await publisher.publish("a/b", "4");
      await inbox.count(4);
      expect(inbox.texts()).toEqual(["1", "2", "3", "4"]);
    });

    test("subscribes again where the broker kept its session without what it wants", async () => {
      const server = await start();
      const forgotten = await server.subscriber("kept", { clean: false });
      const inbox = await collect(forgotten, "a/b");
      const lost = new Promise<void>((resolve) => forgotten.onDisconnect(resolve));
      // A broker that crashed may have saved the session before the subscription: here another connection ends it.
      const thief = await connectAsync(server.address, {
        clientId: "kept",
        clean: false,
        reconnectPeriod: 0,
      });
      await thief.unsubscribeAsync("a/b");
      await thief.endAsync();
      await lost;
      await connectOf(forgotten);
      await (await server.publisher("p")).publish("a/b", "heard");
      await inbox.includes("heard");
    });

    test("of two with one client id one gives up and the other stays", async () => {
      const server = await start();
      const [one, two] = [await server.publisher("twin"), await server.publisher("twin")];
      const loser = await Promise.race([
        fatalOf(one).then((error) => ({ error, other: two })),
        fatalOf(two).then((error) => ({ error, other: one })),
      ]);
      expect(loser.error).toMatchObject({
        code: "CLIENT_ID_TAKEN",
        message: expect.stringContaining('"twin"'),
      });
      await connectOf(loser.other);
      await loser.other.publish("still", "here");
      expect(loser.other.connected).toBe(true);
    });
  });
});

test.skipIf(!mosquitto)(
  "Mosquitto with its own limits on what is in flight loses no message of ours",
  async () => {
    const config = ["max_inflight_messages 20"];
    const real = await startMosquitto({ binary: mosquitto ?? "", config });
    endings.push(() => real.stop());
    const inbox = await collect(await connectTo(real.address)("s", { qos: 0 }), "a");
    const publisher = await connectTo(real.address)("p");
    const sent = Array.from({ length: 5_000 }, (_, index) => String(index));
    await Promise.all(sent.map((text) => publisher.publish("a", text, { qos: 2 })));
    await publisher.publish("a", "end", { qos: 2 });
    await inbox.includes("end");
    expect(inbox.texts()).toEqual([...sent, "end"]);
  },
);

describe("the first connect", () => {
  async function closedPort(): Promise<string> {
    const broker = await createBroker({ port: 0, baseTopic });
    await broker.close();
    return `tcp://127.0.0.1:${broker.port}`;
  }

  test("says what is wrong where nothing listens", async () => {
    const address = await closedPort();
    await expect(connectMqtt({ address, clientId: "a" })).rejects.toMatchObject({
      code: "BROKER_UNREACHABLE",
      message: `cannot reach the MQTT broker at ${address}: connection refused`,
      hint: expect.any(String),
    });
  });

  test("says what is wrong where something else listens", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    endings.push(() => server.close());
    const bound = server.address();
    const address = `tcp://127.0.0.1:${typeof bound === "object" ? bound?.port : ""}`;
    await expect(connectMqtt({ address, clientId: "a" })).rejects.toMatchObject({
      code: "BROKER_UNREACHABLE",
    });
  });

  test("says that nobody answers where nobody does", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    endings.push(() => server.close());
    const bound = server.address();
    const address = `tcp://127.0.0.1:${typeof bound === "object" ? bound?.port : ""}`;
    const connecting = connectMqtt({ address, clientId: "a", connectTimeoutMs: 50 });
    await expect(connecting).rejects.toMatchObject({
      code: "BROKER_UNREACHABLE",
      message: `cannot reach the MQTT broker at ${address}: no answer`,
    });
  });

  test("goes on until there is a broker where it is told to", async () => {
    const address = await closedPort();
    const retried = Promise.withResolvers<Error>();
    const connecting = connectMqtt({ address, clientId: "a", retryFirst: true, onRetry: retried.resolve });
    await expect(retried.promise).resolves.toMatchObject({ code: "BROKER_UNREACHABLE" });
    const broker = await createBroker({ port: Number(new URL(address).port), baseTopic });
    endings.push(() => broker.close());
    const transport = await connecting;
    expect(transport.connected).toBe(true);
    await transport.close();
  });

  test("goes on until it is aborted", async () => {
    const address = await closedPort();
    const abort = new AbortController();
    const reason = new Error("enough");
    const connecting = connectMqtt({
      address,
      clientId: "a",
      retryFirst: true,
      onRetry: () => abort.abort(reason),
      signal: abort.signal,
    });
    await expect(connecting).rejects.toBe(reason);
  });

  test.skipIf(!mosquitto)("says at Mosquitto that the key is wrong", async () => {
    const real = await startMosquitto({ binary: mosquitto ?? "", users: { me: "right" } });
    endings.push(() => real.stop());
    const connect = (password: string) =>
      connectMqtt({ address: real.address, clientId: "me", username: "me", password, retryFirst: true });
    await expect(connect("wrong")).rejects.toMatchObject({
      code: "BROKER_UNAUTHORIZED",
      message: expect.stringContaining('"me"'),
    });
    await (await connect("right")).close();
  });

  test("says which certificate it cannot read", async () => {
    const tls = { caCertPath: "/nowhere/ca.pem" };
    await expect(connectMqtt({ address: "mqtts://localhost", clientId: "a", tls })).rejects.toMatchObject({
      code: "TLS_FILE_UNREADABLE",
      message: expect.stringContaining("/nowhere/ca.pem"),
    });
  });
});

describe.skipIf(!mosquitto)("over another wire than TCP", () => {
  async function exchange(transport: Transport) {
    endings.push(() => transport.close());
    const inbox = await collect(transport, "a");
    await transport.publish("a", "x".repeat(100_000));
    await inbox.count(1);
    expect(inbox.messages[0]?.payload.length).toBe(100_000);
  }

  test("a WebSocket carries the same", async () => {
    const port = await freePort();
    const config = [`listener ${port} 127.0.0.1`, "protocol websockets"];
    const real = await startMosquitto({ binary: mosquitto ?? "", config });
    endings.push(() => real.stop());
    await exchange(await connectMqtt({ address: `ws://127.0.0.1:${port}/mqtt`, clientId: "a" }));
    await expect(
      connectMqtt({ address: `ws://127.0.0.1:${real.port}`, clientId: "b" }),
    ).rejects.toMatchObject({
      code: "BROKER_UNREACHABLE",
    });
  });

  test("TLS carries the same, where both sides trust each other", async () => {
    const { ca, cert, key } = await makeCertificates();
    const config = [`cafile ${ca}`, `certfile ${cert}`, `keyfile ${key}`, "require_certificate true"];
    const real = await startMosquitto({ binary: mosquitto ?? "", config });
    endings.push(() => real.stop());
    const address = `mqtts://localhost:${real.port}`;
    const mutual = { caCertPath: ca, clientCertPath: cert, clientKeyPath: key };
    await exchange(await connectMqtt({ address, clientId: "a", tls: mutual }));
    await exchange(
      await connectMqtt({ address: `tcp://localhost:${real.port}`, clientId: "b", tls: mutual }),
    );
    await expect(connectMqtt({ address, clientId: "c" })).rejects.toMatchObject({
      code: "BROKER_UNREACHABLE",
      hint: expect.stringContaining("certificate"),
    });
    await expect(connectMqtt({ address, clientId: "d", tls: { caCertPath: ca } })).rejects.toMatchObject({
      code: "BROKER_UNREACHABLE",
    });
    await expect(
      connectMqtt({ address, clientId: "e", tls: { caCertPath: ca, clientCertPath: cert } }),
    ).rejects.toMatchObject({ code: "TLS_FILES_INCOMPLETE" });
  });
});

/** An authority, and a certificate of it for localhost that serves both sides. */
async function makeCertificates() {
  const folder = await mkdtemp(join(tmpdir(), "prop-tls-"));
  endings.push(() => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  const openssl = (...args: string[]) => promisify(execFile)("openssl", args, { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority");
  await openssl("req", ...key, "-keyout", "end.key", "-out", "end.csr", "-subj", "/CN=localhost");
  await writeFile(join(folder, "end.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1");
  const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "end.ext"];
  await openssl("x509", "-req", "-in", "end.csr", ...signing, "-out", "end.pem");
  await chmod(join(folder, "end.key"), 0o644);
  return { ca: join(folder, "ca.pem"), cert: join(folder, "end.pem"), key: join(folder, "end.key") };
}

describe("a process", () => {
  const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  const imports = `
    import { createBroker } from ${source("broker/broker.ts")};
    import { connectMqtt } from ${source("transport/mqtt.ts")};
    import { connectInProcess } from ${source("transport/in-process.ts")};
    const broker = await createBroker({ port: 0, baseTopic: "m/d/c/x" });
    const remote = await connectMqtt({ address: "tcp://127.0.0.1:" + broker.port, clientId: "r" });
    const local = connectInProcess(broker, { clientId: "l" });`;

  function run(script: string) {
    const args = ["--input-type=module", "--eval", `${imports}\n${script}`];
    return promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  }

  test("ends by itself once its transports and its broker are closed", async () => {
    const { stdout } = await run(`
      await remote.subscribe("a", () => {});
      await local.publish("a", "x");
      await Promise.all([remote.close(), local.close()]);
      await broker.close();
      console.log("closed");`);
    expect(stdout).toBe("closed\n");
  });

  test("ends by itself once its broker is gone and its connection closed, or its connect failed", async () => {
    const { stdout } = await run(`
      const lost = new Promise((resolve) => remote.onDisconnect(resolve));
      await broker.close();
      await lost;
      await remote.close();
      await connectMqtt({ address: "tcp://127.0.0.1:" + broker.port, clientId: "r" })
        .catch(({ code }) => console.log(code));`);
    expect(stdout).toBe("BROKER_UNREACHABLE\n");
  });

  test.for(["remote", "local"])(
    "ends with the stack of what a handler of a %s transport threw",
    async (name) => {
      const running = run(`
      await ${name}.subscribe("a", function brokenHandler() { throw new Error("a bug"); });
      await ${name}.publish("a", "x");`);
      await expect(running).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/Error: a bug[\s\S]*brokenHandler/),
      });
    },
  );
});
