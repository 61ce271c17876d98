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
  /** RFC 3339. */
  last_alive_at?: string;
  /** The latest heartbeats, oldest first, RFC 3339. */
  alive_history: string[];
  created_at: string;
  declared?: Declaration;
  /** It gets nothing new; what it holds goes on. */
  cordoned?: boolean;
  /** It is on its way out: what it holds is finished or handed over. */
  draining?: boolean;
}

export type Feature = "direct" | "ack" | "digest" | "logs";

export function hasFeature(proplet: Proplet, feature: Feature): boolean {
  return proplet.features.includes(feature);
}
