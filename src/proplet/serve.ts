/** A proplet as a process of its own: connects, runs until it is told to stop, and leaves in order. */
import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { createV8Engine } from "../engine/v8/engine.ts";
import type { Capacity, PropletMetadata } from "../protocol/messages/discovery.ts";
import { topicsOf } from "../protocol/topics.ts";
import { createContentStore } from "../registry/store/content-store.ts";
import { joinBroker } from "../transport/join-broker.ts";
import type { MqttOptions } from "../transport/mqtt.ts";
import type { Transport } from "../transport/transport.ts";
import type { RunLog } from "./held-tasks.ts";
import { offlineWill } from "./presence.ts";
import { createProplet } from "./proplet.ts";

export interface ServeOptions {
  id: string;
  apiKey?: string;
  domain: string;
  channel: string;
  namespace?: string;
  mqtt: Pick<MqttOptions, "address" | "qos" | "connectTimeoutMs" | "tls">;
  metadata: PropletMetadata;
  capacity: Capacity;
  dataDir: string;
  livelinessIntervalMs?: number;
  metricsIntervalMs?: number;
  graceMs: number;
  log: RunLog;
  /** Ends it within `graceMs`. */
  signal: AbortSignal;
}

/**
 * Serves until the signal is aborted.
 * @throws PropError of `connectMqtt` and `createProplet`, and what ends the connection for good
 */
export async function serveProplet(options: ServeOptions): Promise<void> {
  const { log, signal } = options;
  const { slots } = options.capacity;
  const { id, apiKey, domain, channel, namespace } = options;
  const will = offlineWill(topicsOf(domain, channel), id, namespace);
  const transport = await joinBroker({ ...options.mqtt, id, apiKey, will, signal, warn: log.warn });
  if (transport === undefined) return;
  const engine = createV8Engine({ maxWorkers: 2 * slots });
  const lost = Promise.withResolvers<never>();
  const stopped = aborted(signal);
  transport.onFatal(lost.reject);
  transport.onDisconnect(() => log.warn("the broker is gone: results are kept until it is back"));
  try {
    const starting = start(options, { transport, engine });
    starting.catch(() => {});
    const proplet = await Promise.race([starting, lost.promise, stopped]);
    if (proplet === undefined) return;
    log.info("ready", { id: proplet.id, broker: options.mqtt.address, slots });
    try {
      await Promise.race([stopped, lost.promise]);
    } finally {
      await proplet.close({ graceMs: signal.aborted ? options.graceMs : 0 });
    }
  } finally {
    await transport.close();
    await engine.close();
  }
}

interface Parts {
  transport: Transport;
  engine: Engine;
}

function start(options: ServeOptions, { transport, engine }: Parts) {
  const { id, dataDir, domain, channel, namespace, metadata, capacity, log } = options;
  const { livelinessIntervalMs, metricsIntervalMs } = options;
  return createProplet({
    id,
    transport,
    engine,
    contentStore: createContentStore(join(dataDir, "modules")),
    dataDir,
    topics: topicsOf(domain, channel),
    metadata,
    capacity,
    log,
    ...(namespace !== undefined && { namespace }),
    ...(livelinessIntervalMs !== undefined && { livelinessIntervalMs }),
    ...(metricsIntervalMs !== undefined && { metricsIntervalMs }),
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
