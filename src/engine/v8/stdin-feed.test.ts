import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { StdinFeed } from "./stdin-feed.ts";

const wanted = new AbortController().signal;

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString();
}

test("what was not taken stays for the next who asks", async () => {
  const stream = new PassThrough();
  const feed = new StdinFeed(() => stream);
  stream.write("abcdef");
  await feed.readable(wanted);
  expect(text(feed.take(4))).toBe("abcd");
  await feed.readable(wanted);
  expect(text(feed.take(4))).toBe("ef");
});

test("who comes second to the same bytes gets nothing yet", async () => {
  const stream = new PassThrough();
  const feed = new StdinFeed(() => stream);
  stream.write("a");
  await Promise.all([feed.readable(wanted), feed.readable(wanted)]);
  expect(text(feed.take(4))).toBe("a");
  expect(feed.take(4)).toBeUndefined();
});

test("the end is empty, again and again", async () => {
  const stream = new PassThrough();
  const feed = new StdinFeed(() => stream);
  stream.end();
  for (let time = 0; time < 2; time++) {
    await feed.readable(wanted);
    expect(text(feed.take(4))).toBe("");
  }
});

test("a stream that fails ends", async () => {
  const stream = new PassThrough();
  const feed = new StdinFeed(() => stream);
  const ready = feed.readable(wanted);
  stream.destroy(new Error("gone"));
  await ready;
  expect(text(feed.take(4))).toBe("");
});

test("who no longer wants to read is let go, and takes nothing along", async () => {
  const stream = new PassThrough();
  const feed = new StdinFeed(() => stream);
  const controller = new AbortController();
  const ready = feed.readable(controller.signal);
  controller.abort();
  await ready;
  expect(stream.eventNames()).not.toContain("readable");
  stream.write("later");
  await feed.readable(wanted);
  expect(text(feed.take(9))).toBe("later");
});
