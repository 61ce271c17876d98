/** A transport onto a broker in this very process: no socket, no packets, one function call a message. */
import type { Aedes, AedesPublishPacket } from "aedes";
import { checkFilter, checkTopic, startsWithWildcard } from "../protocol/topic-filter.ts";
import { transportClosed } from "./connection-errors.ts";
import { toBuffer } from "./payload.ts";
import { callLoudly, createSignal } from "./signal.ts";
import type { Message, PublishOptions, QoS, Transport } from "./transport.ts";

const FLUSH_MS = 1_000;

/** What an embedded broker offers to those who share its process. */
export interface LocalBroker {
  readonly aedes: Aedes;
  /** The retained messages that a filter matches. */
  retained(filter: string): Message[];
}

export interface InProcessOptions {
  clientId: string;
  /** Of messages that don't say otherwise; 2 by default. */
  qos?: QoS;
}

interface LocalSubscription {
  filter: string;
  isActive: boolean;
  receive: (packet: AedesPublishPacket, done: () => void) => void;
}

interface Delivery {
  subscription: LocalSubscription;
  handler: (message: Message) => void;
  message: Message;
}

/**
 * Connects to a broker of this process. It is trusted: no key is asked for and no access rule holds. Payloads are
 * handed over, not copied: neither side may write to them afterwards. There is no will, as what would publish it
 * dies with us; nor is the client id taken on the broker.
 */
export function connectInProcess(broker: LocalBroker, options: InProcessOptions): Transport {
  const { aedes } = broker;
  const { clientId, qos: defaultQos = 2 } = options;
  const subscriptions = new Set<LocalSubscription>();
  const up = createSignal();
  const down = createSignal();
  const fatal = createSignal<[Error]>();
  const idle = createSignal();
  let isOpen = !aedes.closed;
  let underWay = 0;
  let deliveries: Delivery[] = [];

  function deliver(delivery: Delivery): void {
    if (deliveries.push(delivery) === 1) setImmediate(drain);
  }

  function drain(): void {
    const batch = deliveries;
    deliveries = [];
    for (const { subscription, handler, message } of batch) {
      if (subscription.isActive) callLoudly(handler, message);
    }
  }

  function assertOpen(): void {
    if (!isOpen) throw transportClosed(clientId);
  }

  function release(subscription: LocalSubscription): Promise<void> {
    subscription.isActive = false;
    subscriptions.delete(subscription);
    return new Promise((resolve) => aedes.unsubscribe(subscription.filter, subscription.receive, resolve));
  }

  function onBrokerClosed(): void {
    isOpen = false;
    for (const subscription of subscriptions) subscription.isActive = false;
    subscriptions.clear();
    down.emit();
  }
  aedes.once("closed", onBrokerClosed);

  return {
    get connected() {
      return isOpen;
    },

    async publish(topic, payload, { qos = defaultQos, retain = false }: PublishOptions = {}) {
      assertOpen();
      checkTopic(topic);
      underWay += 1;
      await new Promise<void>((resolve, reject) => {
        const packet = {
          cmd: "publish",
          topic,
          payload: toBuffer(payload),
          qos,
          retain,
          dup: false,
        } as const;
        aedes.publish(packet, (error) => {
          underWay -= 1;
          if (underWay === 0) idle.emit();
          if (error) reject(error);
          else resolve();
        });
      });
    },

    async subscribe(filter, handler) {
      assertOpen();
      checkFilter(filter);
      const hidesDollar = startsWithWildcard(filter);
      const subscription: LocalSubscription = {
        filter,
        isActive: true,
        receive: ({ topic, payload }, done) => {
          if (!hidesDollar || !topic.startsWith("$")) {
            deliver({ subscription, handler, message: { topic, payload: toBuffer(payload), retain: false } });
          }
          done();
        },
      };
      subscriptions.add(subscription);
      for (const message of broker.retained(filter)) deliver({ subscription, handler, message });
      await new Promise<void>((resolve) => aedes.subscribe(filter, subscription.receive, resolve));
    },

    async unsubscribe(filter) {
      assertOpen();
      await Promise.all([...subscriptions].filter((one) => one.filter === filter).map(release));
    },

    onConnect(listener) {
      if (isOpen) callLoudly(listener);
      return up.on(listener);
    },
    onDisconnect: (listener) => down.on(listener),
    onFatal: (listener) => fatal.on(listener),

    async close() {
      if (!isOpen) return;
      isOpen = false;
      aedes.removeListener("closed", onBrokerClosed);
      if (underWay > 0) await quietWithin(FLUSH_MS, idle.on);
      await Promise.all([...subscriptions].map(release));
    },
  };
}

async function quietWithin(limitMs: number, onIdle: (listener: () => void) => () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  const off = onIdle(resolve);
  await promise;
  clearTimeout(timer);
  off();
}
