/** What Aedes remembers, in memory: sessions and their queues, retained messages, wills. */
import { Readable } from "node:stream";
import type { AedesPublishPacket, Client, PublishPacket, Subscription } from "aedes";
import { FilterMap } from "../protocol/filter-map.ts";
import { OutgoingQueue, type QueueLimits } from "./outgoing-queue.ts";
import { RetainedMessages } from "./retained-messages.ts";
import { Missing, Settled } from "./settled.ts";

interface Session {
  filters: Map<string, Subscription["qos"]>;
  queue: OutgoingQueue;
}

type ClientRef = Pick<Client, "id">;
type Acknowledgement = { cmd: string; messageId?: number; brokerCounter?: number };
type StoredWill = PublishPacket & { brokerId?: string; clientId?: string };

export interface PersistenceOptions {
  limits: QueueLimits;
  /** Aedes stores all filters of one SUBSCRIBE as soon as one of them is allowed. */
  maySubscribe: (clientId: string, filter: string) => boolean;
  onDropped: (clientId: string, count: number) => void;
}

/**
 * In place of aedes-persistence: it is bounded, takes constant time where that one walks the queue for each
 * acknowledgement, answers at once (see `Settled`), and keeps of a QoS 2 message under way only its id.
 */
export class Persistence {
  readonly retained = new RetainedMessages();
  readonly #options: PersistenceOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #subscribers = new FilterMap<Map<string, Subscription["qos"]>>();
  readonly #incoming = new Map<string, Set<number>>();
  readonly #wills = new Map<string, StoredWill>();
  #brokerId = "";

  constructor(options: PersistenceOptions) {
    this.#options = options;
  }

  async setup({ id }: { id: string }): Promise<void> {
    this.#brokerId = id;
  }

  storeRetained(packet: AedesPublishPacket) {
    this.retained.store(packet);
    return new Settled(undefined);
  }

  createRetainedStreamCombi(filters: string[]) {
    return Readable.from(filters.flatMap((filter) => this.retained.matching(filter)));
  }

  addSubscriptions({ id }: ClientRef, subscriptions: Subscription[]) {
    const session = this.#sessions.get(id) ?? {
      filters: new Map(),
      queue: new OutgoingQueue(this.#options.limits),
    };
    this.#sessions.set(id, session);
    for (const { topic, qos } of subscriptions) {
      if (!this.#options.maySubscribe(id, topic)) continue;
      session.filters.set(topic, qos);
      const subscribers = this.#subscribers.get(topic) ?? new Map<string, Subscription["qos"]>();
      subscribers.set(id, qos);
      this.#subscribers.set(topic, subscribers);
    }
    return new Settled(undefined);
  }

  removeSubscriptions({ id }: ClientRef, filters: string[]) {
    for (const filter of filters) {
      this.#sessions.get(id)?.filters.delete(filter);
      const subscribers = this.#subscribers.get(filter);
      subscribers?.delete(id);
      if (subscribers?.size === 0) this.#subscribers.delete(filter);
    }
    return new Settled(undefined);
  }

  subscriptionsByClient({ id }: ClientRef) {
    const filters = this.#sessions.get(id)?.filters ?? new Map<string, Subscription["qos"]>();
    return new Settled([...filters].map(([topic, qos]) => ({ topic, qos })));
  }

  /** Of the sessions that are kept; each once, with the highest QoS it asked for. */
  subscriptionsByTopic(topic: string) {
    const highest = new Map<string, Subscription["qos"]>();
    for (const subscribers of this.#subscribers.match(topic)) {
      for (const [clientId, qos] of subscribers) {
        if (qos > (highest.get(clientId) ?? 0)) highest.set(clientId, qos);
      }
    }
    return new Settled([...highest].map(([clientId, qos]) => ({ clientId, topic, qos })));
  }

  cleanSubscriptions(client: ClientRef) {
    const session = this.#sessions.get(client.id);
    if (session) this.removeSubscriptions(client, [...session.filters.keys()]);
    this.#sessions.delete(client.id);
    return new Settled(undefined);
  }

  outgoingEnqueue({ clientId }: { clientId: string }, packet: AedesPublishPacket) {
    return this.outgoingEnqueueCombi([{ clientId, qos: packet.qos }], packet);
  }

  outgoingEnqueueCombi(
    subscribers: { clientId: string; qos: Subscription["qos"] }[],
    packet: AedesPublishPacket,
  ) {
    for (const { clientId, qos } of subscribers) {
      const isLower = qos < packet.qos;
      const dropped = this.#sessions.get(clientId)?.queue.push(packet, isLower ? qos : packet.qos) ?? 0;
      if (dropped > 0) this.#options.onDropped(clientId, dropped);
    }
    return new Settled(undefined);
  }

  outgoingUpdate({ id }: ClientRef, { cmd, messageId, brokerCounter }: Acknowledgement) {
    const queue = this.#sessions.get(id)?.queue;
    if (queue && messageId !== undefined) {
      if (cmd === "pubrel") queue.release(messageId);
      else if (brokerCounter !== undefined) queue.assign(brokerCounter, messageId);
    }
    return new Settled(undefined);
  }

  outgoingClearMessageId({ id }: ClientRef, { messageId }: Acknowledgement) {
    return new Settled(this.#sessions.get(id)?.queue.acknowledge(messageId));
  }

  outgoingStream({ id }: ClientRef) {
    return Readable.from(this.#sessions.get(id)?.queue.packets() ?? []);
  }

  incomingStorePacket({ id }: ClientRef, { messageId }: { messageId: number }) {
    const ids = this.#incoming.get(id) ?? new Set();
    this.#incoming.set(id, ids.add(messageId));
    return new Settled(undefined);
  }

  incomingGetPacket({ id }: ClientRef, packet: { messageId: number }) {
    return this.#incoming.get(id)?.has(packet.messageId) ? new Settled(packet) : new Missing();
  }

  incomingDelPacket({ id }: ClientRef, { messageId }: { messageId: number }) {
    return this.#incoming.get(id)?.delete(messageId) ? new Settled(undefined) : new Missing();
  }

  cleanIncoming({ id }: ClientRef) {
    this.#incoming.delete(id);
    return new Settled(undefined);
  }

  putWill({ id }: ClientRef, will: StoredWill) {
    will.brokerId = this.#brokerId;
    will.clientId = id;
    this.#wills.set(id, will);
    return new Settled(undefined);
  }

  delWill({ id }: ClientRef) {
    const will = this.#wills.get(id);
    this.#wills.delete(id);
    return new Settled(will);
  }

  /** The wills of brokers that are gone; Aedes asks for them in clusters. */
  streamWill(livingBrokers: Record<string, unknown>) {
    return [...this.#wills.values()].filter(({ brokerId = "" }) => livingBrokers[brokerId] === undefined);
  }
}
