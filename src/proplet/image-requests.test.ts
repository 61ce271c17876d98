import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { splitImage } from "../protocol/chunks.ts";
import type { ImageRequest } from "../protocol/messages/image.ts";
import { digestOf } from "../registry/digest.ts";
import { createImageRequests } from "./image-requests.ts";

const image = Buffer.from("a module in several chunks");
const digest = digestOf(image);
const appName = "r.example/a:v1";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function create(maxBytes = 1_000) {
  const asked: ImageRequest[] = [];
  const log = { info() {}, warn() {}, error() {} };
  const publish = (request: ImageRequest) => void asked.push(request);
  return { asked, images: createImageRequests({ propletId: "p1", publish, maxBytes, log, retryMs: 1_000 }) };
}

test("a request that nobody answers is repeated ever more slowly, then given up", async () => {
  const { asked, images } = create();
  const failed = expect(images.fetch({ appName })).rejects.toThrow("no chunk of it came, asked for 5 times");
  await vi.advanceTimersByTimeAsync(1_000 + 2_000 + 4_000 + 8_000);
  expect(asked).toHaveLength(5);
  await vi.advanceTimersByTimeAsync(16_000);
  await failed;
  expect(asked).toHaveLength(5);
});

test("chunks cut in another way, of another digest or of another image do no harm", async () => {
  const { images } = create();
  const coming = images.fetch({ appName, digest });
  const [first, ...others] = splitImage(image, { appName, digest, chunkBytes: 10 });
  const wrong = [
    ...splitImage(image, { appName, digest, chunkBytes: 7 }),
    ...splitImage(image, { appName, digest: digestOf(Buffer.from("other")), chunkBytes: 10 }),
    ...splitImage(image, { appName: "other", chunkBytes: 10 }),
  ];
  for (const chunk of [first, ...wrong, ...others]) if (chunk !== undefined) images.add(chunk);
  expect(Buffer.from(await coming)).toEqual(image);
});

test("a legacy proxy's chunks serve a digest too, once they are what it says", async () => {
  const { asked, images } = create();
  const coming = images.fetch({ appName, digest });
  for (const chunk of splitImage(Buffer.from("an older one"), { appName })) images.add(chunk);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toHaveLength(2);
  for (const chunk of splitImage(image, { appName })) images.add(chunk);
  expect(Buffer.from(await coming)).toEqual(image);
});

test("an image that is too large fails, with the reason", async () => {
  const { images } = create(10);
  const failed = expect(images.fetch({ appName })).rejects.toThrow("larger than 10 bytes");
  for (const chunk of splitImage(image, { appName })) images.add(chunk);
  await vi.advanceTimersByTimeAsync(60_000);
  await failed;
});

test("closing ends what is under way", async () => {
  const { images } = create();
  const failed = expect(images.fetch({ appName })).rejects.toThrow("closed");
  images.close();
  await failed;
});
