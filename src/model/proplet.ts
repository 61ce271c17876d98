/** A proplet as the manager knows it. */
import type { Capacity, PropletMetadata } from "../protocol/messages/discovery.ts";

/** What an operator says of a proplet, whether it was heard yet or not; joined with what it announces. [E] */
export interface Declaration {
  device_type?: string;
  capabilities?: string[];
  tags?: string[];
}

export interface Proplet {
  id: string;
  /** Two generated words. */
  name: string;
  namespace?: string;
  metadata: PropletMetadata;
  /** What of our own extensions it announced; empty for a legacy proplet. */
  features: string[];
  capacity?: Capacity;
  boot_id?: string;
  alive: boolean;
  /** It lived when this manager started, which has not heard it since. */
  unheard?: boolean;
  /** RFC 3339. */
  last_alive_at?: string;
  /** The latest heartbeats, oldest first, RFC 3339. */
  alive_history: string[];
  created_at: string;
  declared?: Declaration;
  /** It gets nothing new; what it holds goes on. */
  cordoned?: boolean;
  /** An operator drains it, and so it is cordoned too: what it holds ends there, or moves. */
  draining?: boolean;
  /** It says that it was told to stop: what it holds it finishes, or hands back. Gone with its process. */
  leaving?: boolean;
}

export type Feature = "direct" | "ack" | "digest" | "logs";

export function hasFeature(proplet: Proplet, feature: Feature): boolean {
  return proplet.features.includes(feature);
}
