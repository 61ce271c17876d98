/** The worker: takes the manager's commands, runs their modules, and reports how that ended. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import type { Capacity, PropletMetadata } from "../protocol/messages/discovery.ts";
import type { Topics } from "../protocol/topics.ts";
import type { ContentStore } from "../registry/store/content-store.ts";
import type { Transport } from "../transport/transport.ts";
import { listen } from "./commands/index.ts";
import { download } from "./download.ts";
import { createHeldTasks, type RunLog } from "./held-tasks.ts";
import { createImageRequests } from "./image-requests.ts";
import { createInvocations } from "./invocations.ts";
import { startMetrics, watchTask } from "./metrics.ts";
import { createModuleFinder } from "./module-finder.ts";
import { openOutbox } from "./outbox.ts";
import { createPreparedModules } from "./prepared-modules.ts";
import { createPresence, offlineHeartbeat } from "./presence.ts";
import { createRecentKeys } from "./recent-keys.ts";
import { createPublish, createReports } from "./reports.ts";
import { createSlots } from "./slots.ts";

export interface PropletOptions {
  id: string;
  /** Connected with `offlineWill`; stays open after `close()`. */
  transport: Transport;
  /** Stays open after `close()`. */
  engine: Engine;
  contentStore: ContentStore;
  /** Where results wait until the manager has them; one proplet's alone. */
  dataDir: string;
  topics: Topics;
  /** `default` by default. */
  namespace?: string;
  metadata: PropletMetadata;
  /** As many tasks, and beside them as many invocations, run at a time. */
  capacity: Capacity;
  log: RunLog;
  /** Between two heartbeats, 10 s by default. */
  livelinessIntervalMs?: number;
  /** Between two reports of what this process uses, 10 s by default. */
  metricsIntervalMs?: number;
  /** For modules that are at a URL; the global one by default. */
  fetch?: typeof fetch;
  /** How long a transfer of a module from a URL may take, 2 minutes by default. */
  downloadTimeoutMs?: number;
  /** After which silence a missing image is asked for again, 5 s by default; doubles with each try. */
  imageRetryMs?: number;
  /** After which time a result without a receipt is sent again, 5 s by default; doubles up to a minute. */
  resendMs?: number;
}

export interface Proplet {
  readonly id: string;
  /** New with each `createProplet`: what an earlier one ran is gone. */
  readonly bootId: string;
  /** Takes no more starts, hands back what hasn't begun, gives what runs `graceMs`, then hands that back too, and says that it is gone. */
  close(options: { graceMs: number }): Promise<void>;
}

const MAX_MODULE_BYTES = 100 * 1024 * 1024;
const PREPARED_MODULES = 64;
const REMEMBERED_ATTEMPTS = 50_000;
const TEN_SECONDS_MS = 10_000;

/**
 * Starts a proplet: resolves once it hears its commands and has announced itself (wire contract, sections 1 and 3).
 *
 * @throws PropError `DATA_DIR_UNUSABLE`, `SUBSCRIPTION_DENIED`
 */
export async function createProplet(options: PropletOptions): Promise<Proplet> {
  const { id, transport, engine, topics, log, capacity, metadata, contentStore } = options;
  const { namespace = "default", resendMs, imageRetryMs } = options;
  const bootId = randomUUID();
  const closing = new AbortController();
  const publish = createPublish(transport, topics, log);
  const outbox = await openOutbox({
    path: join(options.dataDir, "outbox.jsonl"),
    // While the broker is away nothing needs to queue: it all goes out when it is back.
    send: (result) => transport.connected && publish("results", result),
    log,
    ...(resendMs !== undefined && { resendMs }),
  });
  const ended = createRecentKeys(REMEMBERED_ATTEMPTS);
  const reports = createReports({ id, publish, outbox, ended });
  const modules = createPreparedModules(engine, PREPARED_MODULES);
  const images = createImageRequests({
    propletId: id,
    publish: (request) => publish("imageRequest", request),
    maxBytes: MAX_MODULE_BYTES,
    log,
    ...(imageRetryMs !== undefined && { retryMs: imageRetryMs }),
  });
  const findModule = createModuleFinder({
    modules,
    contentStore,
    images,
    log,
    download: (url) =>
      download(url, {
        fetch: options.fetch ?? fetch,
        signal: closing.signal,
        maxBytes: MAX_MODULE_BYTES,
        timeoutMs: options.downloadTimeoutMs ?? 12 * TEN_SECONDS_MS,
      }),
  });
  const running = { propletId: id, engine, modules, findModule, reports, log };
  const tasks = createHeldTasks({
    ...running,
    slots: createSlots(capacity.slots),
    watch: watchTask(id, publish),
  });
  const invocations = createInvocations({ ...running, tasks, slots: createSlots(capacity.slots) });
  const presence = createPresence(
    { id, bootId, namespace, metadata, capacity },
    { intervalMs: options.livelinessIntervalMs ?? TEN_SECONDS_MS, publish, held: tasks.held },
  );
  // Results first: what ended is not held any more, and the manager must know why.
  const announce = () => {
    outbox.resendAll();
    presence.announce();
  };
  const parts = {
    id,
    tasks,
    invocations,
    images,
    outbox,
    ended,
    reports,
    log,
    announce,
    closing: closing.signal,
  };
  const unlisten = await listen(transport, topics, parts).catch(async (error: unknown) => {
    await outbox.close();
    throw error;
  });
  const offConnect = transport.onConnect(announce);
  const intervalMs = options.metricsIntervalMs ?? TEN_SECONDS_MS;
  const stopMetrics = startMetrics({ id, namespace, intervalMs, publish });

  async function close(graceMs: number): Promise<void> {
    stopMetrics();
    closing.abort();
    // What is not accepted is taken away once the manager hears that this one leaves.
    reports.flushAccepted();
    if (transport.connected) presence.leave();
    images.close();
    await Promise.all([tasks.close(graceMs), invocations.close(graceMs)]);
    offConnect();
    presence.close();
    await outbox.flush();
    if (transport.connected) {
      publish("heartbeat", offlineHeartbeat(id, namespace));
      await unlisten();
    }
    await outbox.close();
    modules.close();
  }

  let closed: Promise<void> | undefined;
  return {
    id,
    bootId,
    close({ graceMs }) {
      closed ??= close(graceMs);
      return closed;
    },
  };
}
