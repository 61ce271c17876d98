/** Where each message travels: the topics of the MQTT contract, built and read. */

export type Command = "start" | "stop" | "invoke";

/** Everything that is published under the base topic, by the name this code uses for it. */
export type TopicKind =
  | "discovery"
  | "heartbeat"
  | "results"
  | "invokeResults"
  | "propletMetrics"
  | "taskMetrics"
  | "accepted"
  | "logs"
  | "start"
  | "stop"
  | "invoke"
  | "received"
  | "announce"
  | "imageRequest"
  | "chunk"
  | "roundStart";

const suffixes = {
  discovery: "control/proplet/create",
  heartbeat: "control/proplet/alive",
  results: "control/proplet/results",
  invokeResults: "control/proplet/invoke_results",
  propletMetrics: "control/proplet/metrics",
  taskMetrics: "control/proplet/task_metrics",
  accepted: "control/proplet/accepted",
  logs: "control/proplet/logs",
  start: "control/manager/start",
  stop: "control/manager/stop",
  invoke: "control/manager/invoke",
  received: "control/manager/received",
  announce: "control/manager/announce",
  imageRequest: "registry/proplet",
  chunk: "registry/server",
  roundStart: "fl/rounds/start",
} as const satisfies Record<TopicKind, string>;

const kinds = new Map<string, TopicKind>();
for (const kind of Object.keys(suffixes) as TopicKind[]) kinds.set(suffixes[kind], kind);

/** Topics that may carry a proplet's id as one more level: a message for that proplet alone. */
const directKinds = new Set<TopicKind>(["start", "stop", "invoke", "received", "announce", "chunk"]);

export interface ParsedTopic {
  kind: TopicKind;
  /** Set where the topic is a direct one. */
  propletId?: string;
}

export interface Topics {
  base: string;
  of(kind: TopicKind, propletId?: string): string;
  parse(topic: string): ParsedTopic | undefined;
}

/** The topics of one channel: `m/{domain}/c/{channel}/…`. */
export function topicsOf(domain: string, channel: string): Topics {
  const base = `m/${domain}/c/${channel}`;
  const full = new Map<TopicKind, string>();
  for (const kind of kinds.values()) full.set(kind, `${base}/${suffixes[kind]}`);
  return {
    base,
    of(kind, propletId) {
      const topic = full.get(kind) ?? "";
      return propletId === undefined ? topic : `${topic}/${propletId}`;
    },
    parse(topic) {
      if (!topic.startsWith(`${base}/`)) return undefined;
      const rest = topic.slice(base.length + 1);
      const kind = kinds.get(rest);
      if (kind !== undefined) return { kind };
      const cut = rest.lastIndexOf("/");
      const direct = kinds.get(rest.slice(0, cut));
      const propletId = rest.slice(cut + 1);
      if (direct === undefined || !directKinds.has(direct) || propletId === "") return undefined;
      return { kind: direct, propletId };
    },
  };
}
