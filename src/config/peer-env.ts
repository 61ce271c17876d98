/** The flags that a manager and a proplet share, each with the variable that existing deployments set. */
import { Flags } from "@oclif/core";
import { type LogLevel, logLevels } from "../telemetry/logger.ts";
import { durationHelpValue, parseGoDuration } from "./go-duration.ts";
import { parseLogLevel } from "./log-level.ts";
import { type PeerIdentity, readPeerFile } from "./peer-file.ts";

export type PeerKind = "manager" | "proplet" | "proxy";

/** The channel of those who set none. */
export const defaultDomain = "local";
export const defaultChannel = "default";

export const durationFlag = Flags.custom<number>({
  parse: async (text) => parseGoDuration(text),
  helpValue: durationHelpValue,
});

const logLevelFlag = Flags.custom<LogLevel>({
  parse: async (text) => parseLogLevel(text),
  helpValue: `<${logLevels.join("|")}>`,
});

const channelGroup = { helpGroup: "CHANNEL" };

/** What each does where it is given none. */
const ownIds: Readonly<Record<PeerKind, string>> = {
  manager: " (default: manager)",
  proxy: " (default: proxy)",
  proplet: " (default: one that it makes at its first start and keeps)",
};

/** Flags named as in the wire contract, section 4: `--mqtt-address` is `PROPLET_MQTT_ADDRESS`. */
export function peerFlags(kind: PeerKind) {
  const env = (name: string) => `${kind.toUpperCase()}_${name}`;
  const file = (what: string, variable: string) =>
    Flags.string({ description: `${what} (PEM file).`, env: env(variable), helpGroup: "MQTT" });
  return {
    "mqtt-address": Flags.string({
      description: "Broker: tcp://host:port, or with mqtt, mqtts, ssl, ws, wss.",
      env: env("MQTT_ADDRESS"),
      default: "tcp://localhost:1883",
      helpGroup: "MQTT",
    }),
    "mqtt-qos": Flags.integer({
      description: "Quality of service of messages and subscriptions.",
      env: env("MQTT_QOS"),
      default: 2,
      min: 0,
      max: 2,
      helpGroup: "MQTT",
    }),
    "mqtt-timeout": durationFlag({
      description: "How long the broker may take to answer (default: 10s).",
      env: env("MQTT_TIMEOUT"),
      helpGroup: "MQTT",
    }),
    "mqtt-tls-ca-cert": file("Authority that signed the broker's certificate", "MQTT_TLS_CA_CERT"),
    "mqtt-tls-client-cert": file("Certificate to show the broker", "MQTT_TLS_CLIENT_CERT"),
    "mqtt-tls-client-key": file("Key of that certificate", "MQTT_TLS_CLIENT_KEY"),
    domain: Flags.string({
      description: `Domain (tenant) of the channel (default: ${defaultDomain}).`,
      env: env("TENANT_ID"),
      ...channelGroup,
    }),
    channel: Flags.string({
      description: `Channel that a manager and its proplets share (default: ${defaultChannel}).`,
      env: env("CHANNEL_ID"),
      ...channelGroup,
    }),
    id: Flags.string({
      description: `Id of this ${kind} on the broker${ownIds[kind]}.`,
      env: env("ENTITY_ID"),
      ...channelGroup,
    }),
    key: Flags.string({
      description: "Key of that id (default: none is sent).",
      env: env("API_KEY"),
      ...channelGroup,
    }),
    config: Flags.string({
      description: `File whose [${kind}] section tells what of these is not set (default: config.toml, if there is one).`,
      env: env("CONFIG_FILE"),
    }),
    "log-level": logLevelFlag({
      description: "Least level that is logged.",
      env: env("LOG_LEVEL"),
      default: "info",
    }),
  };
}

export interface PeerFlags {
  "mqtt-address": string;
  "mqtt-qos": number;
  "mqtt-timeout"?: number | undefined;
  "mqtt-tls-ca-cert"?: string | undefined;
  "mqtt-tls-client-cert"?: string | undefined;
  "mqtt-tls-client-key"?: string | undefined;
  domain?: string | undefined;
  channel?: string | undefined;
  id?: string | undefined;
  key?: string | undefined;
  config?: string | undefined;
}

/** How a peer reaches its channel. */
export interface PeerSettings {
  domain: string;
  channel: string;
  entityId?: string;
  apiKey?: string;
  mqtt: {
    address: string;
    qos: 0 | 1 | 2;
    connectTimeoutMs?: number;
    tls?: { caCertPath?: string; clientCertPath?: string; clientKeyPath?: string };
  };
}

/**
 * The settings of a peer: flags and variables first, then `config.toml`, then defaults.
 * @throws PropError `CONFIG_INVALID`
 */
export async function peerSettings(kind: PeerKind, flags: PeerFlags): Promise<PeerSettings> {
  const file: PeerIdentity = await readPeerFile(flags.config, kind);
  const entityId = flags.id || file.entityId;
  const apiKey = flags.key || file.apiKey;
  return {
    domain: flags.domain || file.domain || defaultDomain,
    channel: flags.channel || file.channel || defaultChannel,
    ...(entityId !== undefined && { entityId }),
    ...(apiKey !== undefined && { apiKey }),
    mqtt: mqttSettings(flags),
  };
}

function mqttSettings(flags: PeerFlags): PeerSettings["mqtt"] {
  const qos = flags["mqtt-qos"];
  const caCertPath = flags["mqtt-tls-ca-cert"];
  const clientCertPath = flags["mqtt-tls-client-cert"];
  const clientKeyPath = flags["mqtt-tls-client-key"];
  const tls = {
    ...(caCertPath && { caCertPath }),
    ...(clientCertPath && { clientCertPath }),
    ...(clientKeyPath && { clientKeyPath }),
  };
  const timeoutMs = flags["mqtt-timeout"];
  return {
    address: flags["mqtt-address"],
    qos: qos === 0 || qos === 1 ? qos : 2,
    ...(timeoutMs !== undefined && { connectTimeoutMs: timeoutMs }),
    ...(Object.keys(tls).length > 0 && { tls }),
  };
}
