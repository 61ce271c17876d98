/** Sends proplets the modules they ask for: those that tasks were handed in with, and those of images in registries. */
import { createSendImages } from "../../images/send-images.ts";
import type { Task } from "../../model/task.ts";
import { isActive } from "../../model/task-state.ts";
import type { ImageRequest } from "../../protocol/messages/image.ts";
import type { Topics } from "../../protocol/topics.ts";
import type { Store } from "../../store/store.ts";
import type { Transport } from "../../transport/transport.ts";
import type { Log } from "../log.ts";
import type { State } from "../state/state.ts";
import type { ImageSource } from "./task-images.ts";

export interface ImagesDependencies {
  store: Store;
  state: State;
  transport: Transport;
  topics: Topics;
  log: Log;
  /** Without it a request for a reference is the proxy's to answer. */
  images?: ImageSource;
}

export interface Images {
  requested(request: ImageRequest): void;
  close(): void;
}

export function createImages(dependencies: ImagesDependencies): Images {
  const { state, transport, topics, log, images } = dependencies;
  const bytesOf = createFinder(dependencies);
  const sending = createSendImages({
    transport,
    topics,
    log,
    find: async (request) => ({ bytes: await bytesOf(request, state), digest: request.digest }),
  });
  return {
    requested(request) {
      // A reference alone is the proxy's to answer, where this manager brings no images.
      if (request.digest !== undefined || images !== undefined) sending.requested(request);
    },
    close: sending.close,
  };
}

function createFinder({ store, images }: ImagesDependencies) {
  return async (request: ImageRequest, state: State): Promise<Uint8Array> => {
    const { app_name, digest, proplet_id } = request;
    if (digest === undefined) {
      const task = latestHeld(state, state.tasks.keys(), ({ image_url }) => image_url === app_name);
      if (images === undefined || task === undefined) throw new Error("no task here runs it");
      // One that was dispatched by a manager that left images to a proxy has none.
      const found = task.image ?? (await images.resolve(app_name));
      return images.bytes(found.digest, found.pinned);
    }
    const stored = await store.module(digest);
    if (stored !== undefined) return stored;
    const task = latestHeld(state, state.heldBy(proplet_id ?? ""), ({ image }) => image?.digest === digest);
    if (images === undefined || task?.image === undefined) throw new Error(`${digest} is not here`);
    return images.bytes(digest, task.image.pinned);
  };
}

/** Of the tasks that run somewhere, or are about to, the latest that matches. */
function latestHeld(state: State, ids: Iterable<string>, matches: (task: Task) => boolean): Task | undefined {
  let latest: Task | undefined;
  for (const id of ids) {
    const task = state.tasks.get(id);
    if (task === undefined || !isActive(task.state) || !matches(task)) continue;
    if (latest === undefined || (task.start_time ?? "") >= (latest.start_time ?? "")) latest = task;
  }
  return latest;
}
