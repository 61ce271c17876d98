/** A transport over the network: mqtt.js, MQTT 3.1.1, over TCP, TLS or a WebSocket. */
import { type BrokerAddress, parseAddress } from "./address.ts";
import { MqttTransport } from "./mqtt-transport.ts";
import { readTlsFiles, type TlsFiles } from "./tls-files.ts";
import type { QoS, Transport, Will } from "./transport.ts";

const KEEPALIVE_SECONDS = 30;
const CONNECT_TIMEOUT_MS = 10_000;
/**
 * Mosquitto as it is installed (2.0) acknowledges what a client pipelines past 20 messages of QoS 2, and throws it
 * away: of 20,000 sent 512 at a time 800 arrived. On a near network 20 is as fast as 512.
 */
const MAX_IN_FLIGHT = 20;

export interface MqttOptions {
  /** `tcp://host:1883`, or with mqtt, mqtts, ssl, ws, wss. */
  address: string;
  /** The entity's id. Two connections with one client id throw each other out. */
  clientId: string;
  username?: string;
  password?: string;
  /** Of subscriptions, and of messages that don't say otherwise; 2 by default, as legacy peers do. */
  qos?: QoS;
  will?: Will;
  /** False: the broker keeps subscriptions, and messages of QoS 1 and 2, while we are away. True by default. */
  clean?: boolean;
  /** Makes the connection a TLS one whatever the address says. */
  tls?: TlsFiles;
  /** Messages of QoS 1 and 2 under way at once, 20 by default: more where the broker is far and known to take it. */
  maxInFlight?: number;
  /** How long the broker may take to answer; 10 s by default. */
  connectTimeoutMs?: number;
  /** Ends the first connect; later `close()` does. */
  signal?: AbortSignal;
  /** Keeps trying where the broker can't be reached at first. */
  retryFirst?: boolean;
  /** Hears of each failed try of the first connect. */
  onRetry?: (error: Error) => void;
}

/**
 * Connects to a broker and keeps the connection: it comes back with growing, random delays, subscribes again, and
 * sends again what was not acknowledged. After a lost connection a message may so arrive twice, never not at all.
 * Where two filters match one message, the broker decides whether it comes once or once for each of them.
 *
 * @throws PropError `BROKER_ADDRESS_INVALID`, `BROKER_UNREACHABLE`, `BROKER_UNAUTHORIZED`, `BROKER_REFUSED`,
 *   `CLIENT_ID_TAKEN`, `TLS_FILE_UNREADABLE`, `TLS_FILES_INCOMPLETE`; the signal's reason where it was aborted
 */
export async function connectMqtt(options: MqttOptions): Promise<Transport> {
  const { clientId, username, password, will, qos = 2, clean = true, signal } = options;
  const address: BrokerAddress = parseAddress(options.address, { tls: options.tls !== undefined });
  const tls = await readTlsFiles(options.tls ?? {});
  const { connect, Store } = await import("mqtt");
  signal?.throwIfAborted();
  const client = connect({
    ...address,
    ...tls,
    clientId,
    clean,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(will && { will: { ...will, payload: Buffer.from(will.payload) } }),
    keepalive: KEEPALIVE_SECONDS,
    // Pings at a fixed pace: moving the timer with each acknowledgement costs more than the ping.
    reschedulePings: false,
    connectTimeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    reconnectOnConnackError: true,
    resubscribe: false,
    // It is called a dozen times for each message, to say nothing.
    log: () => {},
    // Stores that outlive `end()`: packets parsed before it are still handled after it, and would find none.
    incomingStore: new Store({ clean: false }),
    outgoingStore: new Store({ clean: false }),
  });
  const transport = new MqttTransport({
    client,
    address: options.address,
    clientId,
    username,
    qos,
    clean,
    maxInFlight: options.maxInFlight ?? MAX_IN_FLIGHT,
    retryFirst: options.retryFirst ?? false,
    onRetry: options.onRetry,
  });
  await transport.connect(signal);
  return transport;
}
