import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { MqttClient } from "mqtt";
import { expect, it } from "vitest";
import { gatherWrites } from "./gather-writes.ts";

const CONNACK = Buffer.from([0x20, 2, 0, 0]);

/** A client on a connection that counts how often it is written to. */
async function connected() {
  const writes: number[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      writes.push(chunk.length);
      done();
    },
    writev(chunks, done) {
      writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
      done();
    },
  });
  const client = new MqttClient(() => stream, { reconnectPeriod: 0, keepalive: 0 });
  gatherWrites(client);
  stream.push(CONNACK);
  await new Promise((resolve) => client.once("connect", resolve));
  writes.length = 0;
  return { client, writes };
}

it("sends what is published in one turn of the event loop in one piece, and the next turn's in another", async () => {
  const { client, writes } = await connected();
  for (const payload of ["1", "2", "3"]) client.publish("t", payload);
  expect(writes).toEqual([]);
  await turn();
  const size = 6;
  expect(writes).toEqual([3 * size]);
  client.publish("t", "4");
  await turn();
  expect(writes).toEqual([3 * size, size]);
  client.end(true);
});
