import type { AedesPublishPacket } from "aedes";
import { expect, test } from "vitest";
import { OutgoingQueue } from "./outgoing-queue.ts";

function packet(brokerCounter: number, payload = "x"): AedesPublishPacket {
  return {
    cmd: "publish",
    brokerId: "b",
    brokerCounter,
    topic: "t",
    payload,
    qos: 2,
    retain: false,
    dup: false,
  };
}

function counters(queue: OutgoingQueue): number[] {
  return queue.packets().map(({ brokerCounter }) => brokerCounter);
}

test("the oldest give way where there are too many", () => {
  const queue = new OutgoingQueue({ maxMessages: 2, maxBytes: 1e6 });
  expect([1, 2, 3, 4].map((counter) => queue.push(packet(counter), 2))).toEqual([0, 0, 1, 1]);
  expect(counters(queue)).toEqual([3, 4]);
});

test("the oldest give way where they are too large, all of them if need be", () => {
  const queue = new OutgoingQueue({ maxMessages: 100, maxBytes: 1_000 });
  queue.push(packet(1), 2);
  queue.push(packet(2), 2);
  expect(queue.push(packet(3, "x".repeat(500)), 2)).toBe(1);
  expect(counters(queue)).toEqual([2, 3]);
  expect(queue.push(packet(4, "x".repeat(1_000)), 2)).toBe(3);
  expect(counters(queue)).toEqual([]);
});

test("an acknowledged message makes room, whatever state it was in", () => {
  const queue = new OutgoingQueue({ maxMessages: 100, maxBytes: 1_500 });
  for (let counter = 1; counter <= 50; counter += 1) {
    expect(queue.push(packet(counter, "x".repeat(1_000)), 2)).toBe(0);
    queue.assign(counter, counter + 7);
    if (counter % 2 === 0) queue.release(counter + 7);
    expect(queue.acknowledge(counter + 7)?.brokerCounter).toBe(counter);
  }
  expect(counters(queue)).toEqual([]);
});

test("what the client has already is sent again as PUBREL only", () => {
  const queue = new OutgoingQueue({ maxMessages: 10, maxBytes: 1e6 });
  queue.push(packet(1), 2);
  queue.assign(1, 9);
  queue.release(9);
  expect(queue.packets()).toMatchObject([{ cmd: "pubrel", messageId: 9 }]);
});

test("acknowledgements of what was dropped, or never was, are nothing", () => {
  const queue = new OutgoingQueue({ maxMessages: 1, maxBytes: 1e6 });
  queue.push(packet(1), 1);
  queue.assign(1, 5);
  queue.push(packet(2), 1);
  queue.release(5);
  expect(queue.acknowledge(5)).toBeUndefined();
  expect(queue.acknowledge(undefined)).toBeUndefined();
  expect(counters(queue)).toEqual([2]);
});
