/** Sends proplets the modules they ask for: those that tasks were handed in with, and those of images in registries. */
import { messageOf } from "../../errors.ts";
import type { Task } from "../../model/task.ts";
import { isActive } from "../../model/task-state.ts";
import { splitImage } from "../../protocol/chunks.ts";
import { encode } from "../../protocol/message.ts";
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

/** Modules that are sent at the same time; those who ask for more wait. Bounds what is held in memory. */
const AT_ONCE = 8;
/** Requests beyond are dropped: a proplet that still waits asks again. */
const MOST_WAITING = 100_000;

interface Sending {
  request: ImageRequest;
  /** It was asked for by someone who may have missed its beginning. */
  again: boolean;
  started: boolean;
}

export function createImages(dependencies: ImagesDependencies): Images {
  const { state, transport, topics, log } = dependencies;
  const sendings = new Map<string, Sending>();
  const waiting: string[] = [];
  /** While there is something to send: many proplets want the same module at the same time. */
  const read = new Map<string, Promise<Uint8Array>>();
  const bytesOf = createFinder(dependencies);
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
    if (running === 0) read.clear();
  }

  async function send(key: string): Promise<void> {
    const sending = sendings.get(key);
    if (sending === undefined) return;
    sending.started = true;
    try {
      await publish(sending.request);
    } catch (error) {
      const { app_name, proplet_id } = sending.request;
      const to = proplet_id === undefined ? "" : ` to proplet ${proplet_id}`;
      log.warn(`image ${app_name} can't be sent${to}: ${messageOf(error)}`);
    }
    sendings.delete(key);
    if (sending.again) enqueue(key, sending.request);
  }

  async function publish(request: ImageRequest): Promise<void> {
    const { app_name: appName, digest, have_chunks: have, proplet_id } = request;
    const bytes = await readShared(request);
    const topic = topics.of("chunk", digest === undefined ? undefined : proplet_id);
    const options = { appName, ...(digest && { digest }), ...(have && { have }) };
    for (const chunk of splitImage(bytes, options)) {
      if (closed) return;
      await transport.publish(topic, encode(chunk));
    }
  }

  function readShared(request: ImageRequest): Promise<Uint8Array> {
    const key = request.digest ?? request.app_name;
    const known = read.get(key);
    if (known !== undefined) return known;
    const bytes = bytesOf(request, state);
    if (read.size >= AT_ONCE) read.clear();
    read.set(key, bytes);
    bytes.catch(() => read.delete(key));
    return bytes;
  }

  function enqueue(key: string, request: ImageRequest): void {
    sendings.set(key, { request, again: false, started: false });
    waiting.push(key);
  }

  return {
    requested(request) {
      const { app_name, digest, proplet_id = "" } = request;
      if (digest === undefined && dependencies.images === undefined) return;
      const key = digest === undefined ? app_name : `${proplet_id} ${digest}`;
      const underWay = sendings.get(key);
      if (underWay === undefined && waiting.length < MOST_WAITING) enqueue(key, request);
      // A legacy proplet hears all that is sent on the shared topic, and says of nothing that it has it.
      else if (underWay?.started && digest === undefined) underWay.again = true;
      next();
    },
    close() {
      closed = true;
    },
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
