/** A proxy as a process of its own: connects, brings images until it is told to stop. */
import { once } from "node:events";
import { topicsOf } from "../protocol/topics.ts";
import type { ImageSource } from "../registry/client/image-source.ts";
import type { Log } from "../telemetry/logger.ts";
import { joinBroker } from "../transport/join-broker.ts";
import type { MqttOptions } from "../transport/mqtt.ts";
import { createProxy } from "./create-proxy.ts";

export interface ServeProxyOptions {
  id: string;
  apiKey?: string;
  domain: string;
  channel: string;
  mqtt: Pick<MqttOptions, "address" | "qos" | "connectTimeoutMs" | "tls">;
  images: ImageSource;
  chunkBytes?: number;
  log: Log;
  signal: AbortSignal;
}

/**
 * Serves until the signal is aborted. A broker that can't be reached is tried until it answers.
 * @throws PropError of `connectMqtt`, and what ends the connection for good
 */
export async function serveProxy(options: ServeProxyOptions): Promise<void> {
  const { id, apiKey, domain, channel, mqtt, log, signal, ...rest } = options;
  const transport = await joinBroker({ ...mqtt, id, apiKey, signal, warn: log.warn });
  if (transport === undefined) return;
  const lost = Promise.withResolvers<never>();
  transport.onFatal(lost.reject);
  transport.onDisconnect(() => log.warn("the broker is gone: devices ask again when it is back"));
  try {
    const proxy = await createProxy({ transport, topics: topicsOf(domain, channel), log, ...rest });
    log.info("ready", { id, broker: mqtt.address });
    try {
      await Promise.race([signal.aborted ? undefined : once(signal, "abort"), lost.promise]);
    } finally {
      await proxy.close();
    }
  } finally {
    await transport.close();
  }
}
