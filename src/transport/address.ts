/** Broker addresses: `tcp://`, `mqtt://`, `mqtts://`, `ssl://`, `ws://`, `wss://` (wire contract, section 1). */
import { PropError } from "../errors.ts";

export interface BrokerAddress {
  protocol: "mqtt" | "mqtts" | "ws" | "wss";
  host: string;
  port: number;
  /** Of a WebSocket. */
  path: string;
}

const SCHEMES: Record<string, { plain: BrokerAddress["protocol"]; secure: BrokerAddress["protocol"] }> = {
  "tcp:": { plain: "mqtt", secure: "mqtts" },
  "mqtt:": { plain: "mqtt", secure: "mqtts" },
  "mqtts:": { plain: "mqtts", secure: "mqtts" },
  "ssl:": { plain: "mqtts", secure: "mqtts" },
  "ws:": { plain: "ws", secure: "wss" },
  "wss:": { plain: "wss", secure: "wss" },
};

const DEFAULT_PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };

/**
 * Reads a broker's address.
 *
 * @param options.tls certificates were given: a plain scheme then means its secure twin, never plain text
 * @throws PropError `BROKER_ADDRESS_INVALID`
 */
export function parseAddress(address: string, { tls }: { tls: boolean }): BrokerAddress {
  const url = URL.parse(address);
  const scheme = url ? SCHEMES[url.protocol] : undefined;
  if (!url || !scheme || url.hostname === "") {
    throw invalid(`"${address}" is not the address of an MQTT broker`);
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid(`the address of the MQTT broker at ${url.host} holds credentials`);
  }
  const protocol = tls ? scheme.secure : scheme.plain;
  return {
    protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? DEFAULT_PORTS[protocol] : Number(url.port),
    path: `${url.pathname === "" ? "/" : url.pathname}${url.search}`,
  };
}

function invalid(message: string): PropError {
  return new PropError({
    code: "BROKER_ADDRESS_INVALID",
    message,
    hint: "write it as tcp://localhost:1883; mqtt, mqtts, ssl, ws and wss are understood too. The id and the key are given apart from it",
    exitCode: 2,
  });
}
