/** What one client that keeps its session has yet to acknowledge, bounded. */
import type { AedesPublishPacket } from "aedes";

/** What each queued message takes beside its topic and payload. */
const OVERHEAD_BYTES = 200;

export interface QueueLimits {
  maxMessages: number;
  maxBytes: number;
}

export interface QueuedPacket {
  cmd: "publish" | "pubrel";
  brokerId: string;
  brokerCounter: number;
  topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
  dup: boolean;
  messageId: number | undefined;
}

/**
 * Gives way at its old end: a manager repeats what nobody confirmed, and of two commands the later one counts.
 */
export class OutgoingQueue {
  readonly #limits: QueueLimits;
  readonly #byCounter = new Map<number, QueuedPacket>();
  readonly #counterOfMessage = new Map<number, number>();
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Returns how many old messages were dropped for it. */
  push(packet: AedesPublishPacket, qos: 0 | 1 | 2): number {
    const { brokerId, brokerCounter, topic } = packet;
    const payload = ownBytes(packet.payload);
    const entry: QueuedPacket = {
      cmd: "publish",
      brokerId,
      brokerCounter,
      topic,
      payload,
      qos,
      retain: false,
      dup: false,
      messageId: undefined,
    };
    this.#byCounter.set(brokerCounter, entry);
    this.#bytes += sizeOf(entry);
    let dropped = 0;
    while (this.#byCounter.size > this.#limits.maxMessages || this.#bytes > this.#limits.maxBytes) {
      const [oldest] = this.#byCounter.values();
      if (!oldest) break;
      this.#remove(oldest);
      dropped += 1;
    }
    return dropped;
  }

  /** The message is sent under this id from now on. One that was dropped meanwhile is sent all the same. */
  assign(brokerCounter: number, messageId: number): void {
    const entry = this.#byCounter.get(brokerCounter);
    if (!entry) return;
    if (entry.messageId !== undefined) this.#counterOfMessage.delete(entry.messageId);
    entry.messageId = messageId;
    this.#counterOfMessage.set(messageId, brokerCounter);
  }

  /** The client has the message (PUBREC): from here on only PUBREL is sent. */
  release(messageId: number): void {
    const entry = this.#find(messageId);
    if (!entry) return;
    this.#bytes -= entry.payload.length;
    entry.cmd = "pubrel";
    entry.payload = Buffer.alloc(0);
  }

  acknowledge(messageId: number | undefined): QueuedPacket | undefined {
    const entry = this.#find(messageId);
    if (entry) this.#remove(entry);
    return entry;
  }

  packets(): QueuedPacket[] {
    return [...this.#byCounter.values()];
  }

  #find(messageId: number | undefined): QueuedPacket | undefined {
    const counter = messageId === undefined ? undefined : this.#counterOfMessage.get(messageId);
    return counter === undefined ? undefined : this.#byCounter.get(counter);
  }

  #remove(entry: QueuedPacket): void {
    this.#byCounter.delete(entry.brokerCounter);
    if (entry.messageId !== undefined) this.#counterOfMessage.delete(entry.messageId);
    this.#bytes -= sizeOf(entry);
  }
}

/** The bytes alone: a payload as parsed may be a small window onto a large block that it would keep alive. */
export function ownBytes(payload: string | Buffer): Buffer {
  if (typeof payload === "string") return Buffer.from(payload);
  if (payload.buffer.byteLength <= payload.length * 2) return payload;
  const own = Buffer.allocUnsafeSlow(payload.length);
  payload.copy(own);
  return own;
}

function sizeOf({ topic, payload }: QueuedPacket): number {
  return topic.length + payload.length + OVERHEAD_BYTES;
}
