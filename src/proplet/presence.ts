/** How a proplet makes itself known: discovery, heartbeats, and the message that it is gone. */
import { encode } from "../protocol/message.ts";
import type { Capacity, PropletMetadata } from "../protocol/messages/discovery.ts";
import type { Heartbeat } from "../protocol/messages/heartbeat.ts";
import type { Topics } from "../protocol/topics.ts";
import type { Will } from "../transport/transport.ts";
import type { Publish } from "./reports.ts";

/** The last will to connect a proplet's transport with: the manager hears of its death at once. */
export function offlineWill(topics: Topics, id: string, namespace = "default"): Will {
  const payload = encode(offlineHeartbeat(id, namespace));
  return { topic: topics.of("heartbeat"), payload, qos: 1, retain: false };
}

export function offlineHeartbeat(id: string, namespace: string): Heartbeat {
  return { proplet_id: id, status: "offline", namespace };
}

export interface Identity {
  id: string;
  bootId: string;
  namespace: string;
  metadata: PropletMetadata;
  capacity: Capacity;
}

export interface Presence {
  /** After each connect, and whenever the manager asks. */
  announce(): void;
  /** From now on every heartbeat says that the proplet is on its way out; the first one goes at once. */
  leave(): void;
  close(): void;
}

const features = ["direct", "ack", "digest"];

export interface PresenceOptions {
  intervalMs: number;
  publish: Publish;
  /** What it holds now, of managers that count attempts. */
  held: () => { task_id: string; attempt: number }[];
}

export function createPresence(identity: Identity, { intervalMs, publish, held }: PresenceOptions): Presence {
  const { id, bootId, namespace, metadata, capacity } = identity;
  let leaving = false;
  const beat = () => {
    const draining = leaving ? { draining: true } : {};
    publish("heartbeat", { proplet_id: id, status: "alive", namespace, boot_id: bootId, ...draining });
  };
  let timer: NodeJS.Timeout | undefined;

  return {
    announce() {
      const identity = { proplet_id: id, namespace, metadata, features, capacity, boot_id: bootId };
      publish("discovery", { ...identity, held: held() });
      beat();
      clearInterval(timer);
      timer = setInterval(beat, intervalMs);
    },
    leave() {
      leaving = true;
      beat();
    },
    close: () => clearInterval(timer),
  };
}
