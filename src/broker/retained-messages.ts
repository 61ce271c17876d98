/** The last message of each topic that was published to be kept. */
import type { AedesPublishPacket } from "aedes";
import { isWildcard, matchesFilter } from "../protocol/topic-filter.ts";
import { ownBytes } from "./outgoing-queue.ts";

export interface RetainedPacket {
  cmd: "publish";
  topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: true;
}

export class RetainedMessages {
  readonly #byTopic = new Map<string, RetainedPacket>();

  /** An empty payload takes the topic's message away (MQTT-3.3.1-10). */
  store({ topic, payload, qos }: AedesPublishPacket): void {
    if (payload.length === 0) this.#byTopic.delete(topic);
    else this.#byTopic.set(topic, { cmd: "publish", topic, payload: ownBytes(payload), qos, retain: true });
  }

  matching(filter: string): RetainedPacket[] {
    if (isWildcard(filter)) {
      return [...this.#byTopic.values()].filter(({ topic }) => matchesFilter(filter, topic));
    }
    const packet = this.#byTopic.get(filter);
    return packet ? [packet] : [];
  }
}
