/** Sends images to those who ask for them over MQTT, in chunks: for a manager, and for a proxy. */
import { splitImage } from "../protocol/chunks.ts";
import { encode } from "../protocol/message.ts";
import type { ImageRequest } from "../protocol/messages/image.ts";
import type { Topics } from "../protocol/topics.ts";
import type { Transport } from "../transport/transport.ts";

export interface FoundImage {
  bytes: Uint8Array;
  /** Of the bytes, where it is known. */
  digest?: string | undefined;
}

export interface SendImagesDependencies {
  transport: Pick<Transport, "publish">;
  topics: Topics;
  /** The image that a request is for. A rejection is logged, and the request is not answered. */
  find: (request: ImageRequest) => Promise<FoundImage>;
  log: { warn: (message: string) => void };
  /** Of module in a chunk; as the legacy proxy cuts it by default. */
  chunkBytes?: number;
}

export interface SendImages {
  requested(request: ImageRequest): void;
  close(): void;
}

/** Images that are sent at the same time; those who ask for more wait. Bounds what is held in memory. */
const AT_ONCE = 8;
/** Chunks on their way to one who asked: a device has a small buffer, and a broker a limit. */
const WINDOW = 4;
/** Requests beyond are dropped: whoever still waits asks again. */
const MOST_WAITING = 100_000;

interface Sending {
  request: ImageRequest;
  /** It was asked for by someone who may have missed its beginning. */
  again: boolean;
  started: boolean;
}

export function createSendImages(dependencies: SendImagesDependencies): SendImages {
  const { log, find } = dependencies;
  const sendings = new Map<string, Sending>();
  const waiting: string[] = [];
  /** While there is something to send: many want the same image at the same time. */
  const found = new Map<string, Promise<FoundImage>>();
  let running = 0;
  let closed = false;

  function next(): void {
    while (!closed && running < AT_ONCE) {
      const key = waiting.shift();
      if (key === undefined) break;
      running++;
      void send(key).finally(() => {
        running--;
        next();
      });
    }
    if (running === 0) found.clear();
  }

  async function send(key: string): Promise<void> {
    const sending = sendings.get(key);
    if (sending === undefined) return;
    sending.started = true;
    const { request } = sending;
    try {
      await publishChunks(await findShared(request), request, { ...dependencies, isClosed: () => closed });
    } catch (error) {
      const to = request.proplet_id === undefined ? "" : ` to proplet ${request.proplet_id}`;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn(`image ${request.app_name} can't be sent${to}: ${reason}`);
    }
    sendings.delete(key);
    if (sending.again) enqueue(key, request);
  }

  function findShared(request: ImageRequest): Promise<FoundImage> {
    const key = request.digest ?? request.app_name;
    const known = found.get(key);
    if (known !== undefined) return known;
    const image = find(request);
    if (found.size >= AT_ONCE) found.clear();
    found.set(key, image);
    image.catch(() => found.delete(key));
    return image;
  }

  function enqueue(key: string, request: ImageRequest): void {
    sendings.set(key, { request, again: false, started: false });
    waiting.push(key);
  }

  return {
    requested(request) {
      const { app_name, digest, proplet_id } = request;
      const key = proplet_id === undefined ? app_name : `${proplet_id} ${digest ?? app_name}`;
      const underWay = sendings.get(key);
      if (underWay === undefined && waiting.length < MOST_WAITING) enqueue(key, request);
      // Whoever hears the shared topic says of nothing that it has it.
      else if (underWay?.started && proplet_id === undefined) underWay.again = true;
      next();
    },
    close() {
      closed = true;
    },
  };
}

/** On the asker's own topic, where it said who it is; else for all to hear. */
async function publishChunks(
  { bytes, digest }: FoundImage,
  { app_name: appName, digest: wanted, have_chunks, proplet_id }: ImageRequest,
  { transport, topics, chunkBytes, isClosed }: SendImagesDependencies & { isClosed: () => boolean },
): Promise<void> {
  const topic = topics.of("chunk", proplet_id);
  // Parts of another image, which a tag stood for before, are no help.
  const have = wanted === undefined || wanted === digest ? have_chunks : undefined;
  const options = {
    ...(have && { have }),
    ...(chunkBytes && { chunkBytes }),
    ...(proplet_id && digest && { digest }),
  };
  const underWay = new Set<Promise<void>>();
  for (const chunk of splitImage(bytes, { appName, ...options })) {
    if (isClosed()) return;
    const sent = Promise.resolve(transport.publish(topic, encode(chunk)));
    underWay.add(sent);
    sent.finally(() => underWay.delete(sent)).catch(() => undefined);
    if (underWay.size >= WINDOW) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}
