/** A manager as a process of its own: on a broker elsewhere, with its HTTP API, until it is told to stop. */
import { once } from "node:events";
import { join } from "node:path";
import { createApi } from "../api/server.ts";
import type { PeerSettings } from "../config/peer-env.ts";
import { createManager } from "../manager/create-manager.ts";
import { topicsOf } from "../protocol/topics.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import type { Logger } from "../telemetry/logger.ts";
import { joinBroker } from "../transport/join-broker.ts";
import { createClosers } from "./closers.ts";

export interface ServeManagerOptions extends PeerSettings {
  http: { host: string; port: number };
  /** Folder of the store. */
  dataDir: string;
  offlineThresholdMs?: number;
  version: string;
  log: Logger;
  signal: AbortSignal;
}

/**
 * Serves until the signal is aborted. A broker that can't be reached is tried until it answers.
 * @throws PropError `STORE_IN_USE`, `PORT_TAKEN`, those of `connectMqtt`, and what ends the connection for good
 */
export async function serveManager(options: ServeManagerOptions): Promise<void> {
  const { domain, channel, http, dataDir, offlineThresholdMs, version, log, signal } = options;
  const closers = createClosers();
  const lost = Promise.withResolvers<never>();
  try {
    const store = openSqliteStore({ path: join(dataDir, "prop.db") });
    closers.add(() => store.close());
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
      ...(offlineThresholdMs === undefined ? {} : { offlineThresholdMs }),
    });
    closers.add(() => manager.close());
    const api = await createApi({ manager, ...http, version });
    closers.add(() => api.close());
    log.info("ready", { url: api.url, broker: options.mqtt.address, data: dataDir });
    await Promise.race([aborted(signal), lost.promise]);
  } finally {
    await closers.close();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
