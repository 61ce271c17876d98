/** Who wants which messages: the filters of one transport, their handlers, and whether the broker granted them. */
import { FilterMap } from "../protocol/filter-map.ts";
import { matchesFilter } from "../protocol/topic-filter.ts";
import { callLoudly } from "./signal.ts";
import type { Message } from "./transport.ts";

/** As many messages of a kept session wait for their handler, the oldest giving way. */
const UNCLAIMED_LIMIT = 10_000;

type Handler = (message: Message) => void;

interface Subscription {
  handlers: Handler[];
  granted: PromiseWithResolvers<void>;
  isGranted: boolean;
}

export interface SubscriptionsOptions {
  /**
   * Holds messages that no filter matches yet: a broker that kept our session sends what it queued right after
   * the connect, before anybody could subscribe again.
   */
  holdUnclaimed: boolean;
}

export class Subscriptions {
  readonly #byFilter = new FilterMap<Subscription>();
  readonly #holdUnclaimed: boolean;
  #unclaimed: Message[] = [];

  constructor({ holdUnclaimed }: SubscriptionsOptions) {
    this.#holdUnclaimed = holdUnclaimed;
  }

  /** Returns whether the broker has yet to hear of this filter, and what resolves once it granted it. */
  add(filter: string, handler: Handler): { isNew: boolean; granted: Promise<void> } {
    const known = this.#byFilter.get(filter);
    if (known) {
      known.handlers.push(handler);
      return { isNew: false, granted: known.granted.promise };
    }
    const granted = Promise.withResolvers<void>();
    this.#byFilter.set(filter, { handlers: [handler], granted, isGranted: false });
    if (this.#unclaimed.length > 0) setImmediate(() => this.#claim(filter));
    return { isNew: true, granted: granted.promise };
  }

  /** Returns whether there was anything to take away. */
  remove(filter: string): boolean {
    const subscription = this.#byFilter.get(filter);
    this.#byFilter.delete(filter);
    subscription?.granted.resolve();
    return subscription !== undefined;
  }

  /** @param options.all those that an earlier connection was granted too */
  filters({ all }: { all: boolean }): string[] {
    const wanted = [...this.#byFilter.entries()].filter(([, { isGranted }]) => all || !isGranted);
    return wanted.map(([filter]) => filter);
  }

  grant(filter: string): void {
    const subscription = this.#byFilter.get(filter);
    if (!subscription) return;
    subscription.isGranted = true;
    subscription.granted.resolve();
  }

  /** The broker said no. Returns whether it had granted the filter before, so that nobody waits for the answer. */
  deny(filter: string, error: Error): boolean {
    const subscription = this.#byFilter.get(filter);
    this.#byFilter.delete(filter);
    subscription?.granted.reject(error);
    return subscription?.isGranted ?? false;
  }

  fail(error: Error): void {
    for (const [, { granted }] of this.#byFilter.entries()) granted.reject(error);
    this.#byFilter.clear();
    this.#unclaimed = [];
  }

  dispatch(message: Message): void {
    const subscriptions = this.#byFilter.match(message.topic);
    for (const { handlers } of subscriptions) {
      for (const handler of handlers) callLoudly(handler, message);
    }
    if (subscriptions.length > 0 || !this.#holdUnclaimed) return;
    this.#unclaimed.push(message);
    if (this.#unclaimed.length > UNCLAIMED_LIMIT) this.#unclaimed.shift();
  }

  #claim(filter: string): void {
    const held = this.#unclaimed;
    this.#unclaimed = held.filter(({ topic }) => !matchesFilter(filter, topic));
    for (const message of held) {
      if (matchesFilter(filter, message.topic)) this.dispatch(message);
    }
  }
}
