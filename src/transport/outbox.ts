/** What is on its way to the broker: first in, first out, pipelined, and sent again after a lost connection. */
import type { MqttClient } from "mqtt";
import type { QoS } from "./transport.ts";

export interface OutgoingMessage {
  topic: string;
  payload: Buffer;
  qos: QoS;
  retain: boolean;
}

interface Entry {
  message: OutgoingMessage;
  settle: PromiseWithResolvers<void>;
  messageId: number;
  next: Entry | undefined;
}

export interface OutboxOptions {
  client: MqttClient;
  /** How many messages may wait for their acknowledgement at once; the others wait here. */
  maxInFlight: number;
  /**
   * The broker forgets us with the connection. What it has not acknowledged is then sent again from here: the
   * library would send it one by one, and only the PUBREL of a message whose session, and so whose content, is gone.
   */
  resend: boolean;
}

export class Outbox {
  readonly #client: MqttClient;
  readonly #maxInFlight: number;
  readonly #resend: boolean;
  readonly #inFlight = new Set<Entry>();
  readonly #whenIdle: (() => void)[] = [];
  #head: Entry | undefined;
  #tail: Entry | undefined;
  #isOpen = false;
  #isDraining = false;

  constructor({ client, maxInFlight, resend }: OutboxOptions) {
    this.#client = client;
    this.#maxInFlight = maxInFlight;
    this.#resend = resend;
  }

  /** Resolves on the acknowledgement; at QoS 0 when it is written, or dropped as there is no connection. */
  publish(message: OutgoingMessage): Promise<void> {
    if (message.qos === 0 && !this.#isOpen) return Promise.resolve();
    const entry: Entry = { message, settle: Promise.withResolvers(), messageId: 0, next: undefined };
    if (this.#tail) this.#tail.next = entry;
    else this.#head = entry;
    this.#tail = entry;
    this.#pump();
    return entry.settle.promise;
  }

  /** The connection is up and the subscriptions are alive. */
  open(): void {
    this.#isOpen = true;
    this.#isDraining = false;
    this.#pump();
  }

  /** The connection is lost. */
  pause(): void {
    this.#isOpen = false;
    if (this.#resend) this.#takeBack();
  }

  /** Resolves when nothing is under way any more. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
      this.#settleIdle();
    });
  }

  /** Ends everything that waits with `error`. */
  fail(error: Error): void {
    this.pause();
    const waiting = [...this.#inFlight];
    for (let entry = this.#head; entry; entry = entry.next) waiting.push(entry);
    this.#inFlight.clear();
    this.#head = undefined;
    this.#tail = undefined;
    for (const entry of waiting) entry.settle.reject(error);
    this.#settleIdle();
  }

  #pump(): void {
    while (this.#isOpen && this.#head && this.#inFlight.size < this.#maxInFlight && !this.#waitsForDrain()) {
      const entry = this.#head;
      this.#head = entry.next;
      if (!this.#head) this.#tail = undefined;
      this.#send(entry);
    }
    this.#settleIdle();
  }

  #send(entry: Entry): void {
    const { topic, payload, qos, retain } = entry.message;
    if (qos === 0) {
      this.#client.publish(topic, payload, { qos, retain });
      entry.settle.resolve();
      return;
    }
    this.#inFlight.add(entry);
    this.#client.publish(topic, payload, { qos, retain }, (error) => {
      if (!this.#inFlight.delete(entry)) return;
      if (error) entry.settle.reject(error);
      else entry.settle.resolve();
      this.#pump();
    });
    entry.messageId = this.#client.getLastMessageId();
  }

  #waitsForDrain(): boolean {
    const { stream } = this.#client;
    if (!stream.writableNeedDrain) return false;
    if (!this.#isDraining) {
      this.#isDraining = true;
      stream.once("drain", () => {
        this.#isDraining = false;
        this.#pump();
      });
    }
    return true;
  }

  #takeBack(): void {
    const unacknowledged = [...this.#inFlight];
    this.#inFlight.clear();
    for (const entry of unacknowledged.reverse()) {
      this.#client.removeOutgoingMessage(entry.messageId);
      entry.next = this.#head;
      this.#head = entry;
      this.#tail ??= entry;
    }
  }

  #settleIdle(): void {
    if (this.#head || this.#inFlight.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
