/** Gives proplets the modules that tasks were handed in with: asked for by digest, sent in chunks. */
import { splitImage } from "../protocol/chunks.ts";
import { encode } from "../protocol/message.ts";
import type { ImageRequest } from "../protocol/messages/image.ts";
import type { Topics } from "../protocol/topics.ts";
import type { Store } from "../store/store.ts";
import type { Transport } from "../transport/transport.ts";
import type { Log } from "./log.ts";

export interface ImagesDependencies {
  store: Store;
  transport: Transport;
  topics: Topics;
  log: Log;
}

/** Answers a request for a module the store has. One for a reference is the proxy's to answer. */
export function createImages({ store, transport, topics, log }: ImagesDependencies) {
  return async ({ app_name, digest, have_chunks, proplet_id }: ImageRequest): Promise<void> => {
    if (digest === undefined) return;
    const image = await store.module(digest);
    if (image === undefined) {
      log.warn(`proplet ${proplet_id} asks for ${digest}, which is not here`);
      return;
    }
    const topic = topics.of("chunk", proplet_id);
    const have = have_chunks === undefined ? {} : { have: have_chunks };
    for (const chunk of splitImage(image, { appName: app_name, digest, ...have })) {
      await transport.publish(topic, encode(chunk));
    }
  };
}
