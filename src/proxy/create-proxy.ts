/** Brings the images of registries to the devices of a channel (wire contract, section 1: `registry/proplet`, `registry/server`). */
import { createSendImages, type FoundImage } from "../images/send-images.ts";
import { decode } from "../protocol/decode.ts";
import type { ImageRequest } from "../protocol/messages/image.ts";
import type { Topics } from "../protocol/topics.ts";
import type { ImageSource } from "../registry/client/image-source.ts";
import type { Log } from "../telemetry/logger.ts";
import type { Transport } from "../transport/transport.ts";

export interface ProxyOptions {
  transport: Pick<Transport, "publish" | "subscribe" | "unsubscribe">;
  topics: Topics;
  images: ImageSource;
  log: Log;
  /** Of module in a chunk. */
  chunkBytes?: number;
  now?: () => number;
}

export interface ImageProxy {
  close(): Promise<void>;
}

/** A device that asks for what isn't there asks again every few seconds: the registry isn't asked each time. */
const REMEMBER_FAILURE_MS = 5_000;
const FAILURES_KEPT = 1_000;

/** Resolves once the channel is heard. */
export async function createProxy(options: ProxyOptions): Promise<ImageProxy> {
  const { transport, topics, images, log, chunkBytes, now = Date.now } = options;
  const failed = new Map<string, { error: unknown; until: number }>();

  async function find({ app_name }: ImageRequest): Promise<FoundImage> {
    const before = failed.get(app_name);
    if (before !== undefined && before.until > now()) throw before.error;
    try {
      const image = await images.resolve(app_name);
      const bytes = await images.bytes(image.digest, image.pinned);
      log.info("sending", { image: app_name, digest: image.digest, bytes: bytes.byteLength });
      return { bytes, digest: image.digest };
    } catch (error) {
      if (failed.size >= FAILURES_KEPT) failed.clear();
      failed.set(app_name, { error, until: now() + REMEMBER_FAILURE_MS });
      throw error;
    }
  }

  const sending = createSendImages({ transport, topics, find, log, ...(chunkBytes && { chunkBytes }) });
  const topic = topics.of("imageRequest");
  await transport.subscribe(topic, ({ payload }) => {
    const decoded = decode.imageRequest(payload);
    if (!decoded.ok) return log.warn(`message dropped: ${decoded.reason}`);
    // Without a reference it is a module that the manager was handed.
    if (!decoded.message.app_name.startsWith("sha256:")) sending.requested(decoded.message);
  });
  return {
    async close() {
      sending.close();
      await transport.unsubscribe(topic).catch(() => undefined);
    },
  };
}
