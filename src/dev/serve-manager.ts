/** A manager as a process of its own: on a broker elsewhere, with its HTTP API, until it is told to stop. */
import { once } from "node:events";
import { join } from "node:path";
import { type Auth, usualAuth } from "../api/auth.ts";
import { createApi } from "../api/server.ts";
import type { PeerSettings } from "../config/peer-env.ts";
import type { Retention } from "../config/retention-flags.ts";
import { createManager } from "../manager/create-manager.ts";
import type { ExecutionMode } from "../model/job.ts";
import type { Policy } from "../model/placement.ts";
import { topicsOf } from "../protocol/topics.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import type { Logger } from "../telemetry/logger.ts";
import { joinBroker } from "../transport/join-broker.ts";
import { provideAdminToken } from "./admin-token.ts";
import { createClosers } from "./closers.ts";
import { type ImagesOptions, openImages } from "./images.ts";

export interface ServeManagerOptions extends PeerSettings {
  /** See `ApiOptions`. */
  http: { host: string; port: number; auth?: Auth; requestsPerSecond?: number };
  /** Folder of the store. */
  dataDir: string;
  /** See `SqliteOptions`. */
  synchronous?: "normal" | "full";
  offlineThresholdMs?: number;
  coordinatorUrl?: string;
  /** It brings the images of registries itself. Without it a proxy on the channel does. */
  images?: Pick<ImagesOptions, "mirrors" | "env" | "allowed" | "trustedKeys">;
  acceptTimeoutMs?: number;
  maxAttempts?: number;
  schedulerPolicy: Policy;
  jobExecutionMode: ExecutionMode;
  retention?: Retention;
  /** What requests under way may take to be answered when it is told to stop. */
  graceMs: number;
  version: string;
  log: Logger;
  signal: AbortSignal;
}

/**
 * Serves until the signal is aborted. A broker that can't be reached is tried until it answers.
 * @throws PropError `STORE_IN_USE`, `PORT_TAKEN`, those of `connectMqtt`, and what ends the connection for good
 */
export async function serveManager(options: ServeManagerOptions): Promise<void> {
  const {
    domain,
    channel,
    http,
    dataDir,
    synchronous,
    offlineThresholdMs,
    coordinatorUrl,
    acceptTimeoutMs,
    maxAttempts,
    version,
    log,
    signal,
  } = options;
  const closers = createClosers();
  const lost = Promise.withResolvers<never>();
  try {
    const store = openSqliteStore({ path: join(dataDir, "prop.db"), ...(synchronous && { synchronous }) });
    closers.add(() => store.close());
    const images =
      options.images && (await openImages({ ...options.images, dir: join(dataDir, "images"), log }));
    closers.add(() => images?.close());
    const { entityId: id = "manager", apiKey, mqtt } = options;
    // What proplets report while this process is down waits at the broker: its session is kept.
    const transport = await joinBroker({ ...mqtt, id, apiKey, clean: false, signal, warn: log.warn });
    if (transport === undefined) return;
    closers.add(() => transport.close());
    transport.onFatal(lost.reject);
    transport.onDisconnect(() => log.warn("the broker is gone: nothing is placed until it is back"));
    const manager = await createManager({
      store,
      transport,
      topics: topicsOf(domain, channel),
      log,
      ...(images === undefined ? {} : { images, onlyImages: (options.images?.trustedKeys ?? []).length > 0 }),
      ...(offlineThresholdMs === undefined ? {} : { offlineThresholdMs }),
      ...(coordinatorUrl === undefined ? {} : { coordinatorUrl }),
      ...(acceptTimeoutMs === undefined ? {} : { acceptTimeoutMs }),
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
      schedulerPolicy: options.schedulerPolicy,
      jobExecutionMode: options.jobExecutionMode,
      ...options.retention,
    });
    closers.add(() => manager.close());
    const auth = http.auth ?? usualAuth(http.host);
    if (auth === "token") await provideAdminToken(manager.tokens, dataDir, log);
    const api = await createApi({ manager, ...http, auth, version });
    closers.add(() => api.close({ graceMs: signal.aborted ? options.graceMs : 0 }));
    log.info("ready", { url: api.url, broker: options.mqtt.address, data: dataDir });
    await Promise.race([aborted(signal), lost.promise]);
  } finally {
    await closers.close();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
