/** The life of one mqtt.js client: up, lost, up again, until it is closed or can't be kept. */
import { Socket } from "node:net";
import type { IConnackPacket, MqttClient } from "mqtt";
import { checkFilter, checkTopic } from "../protocol/topic-filter.ts";
import { backoffMs } from "./backoff.ts";
import {
  brokerRefused,
  brokerUnauthorized,
  brokerUnreachable,
  clientIdTaken,
  refusalCode,
  subscriptionDenied,
  transportClosed,
} from "./connection-errors.ts";
import { gatherWrites } from "./gather-writes.ts";
import { Outbox } from "./outbox.ts";
import { toBuffer } from "./payload.ts";
import { callLoudly, createSignal } from "./signal.ts";
import { Subscriptions } from "./subscriptions.ts";
import { TakeoverWatch } from "./takeover-watch.ts";
import type { Message, PublishOptions, QoS, Transport } from "./transport.ts";

const FLUSH_MS = 1_000;
const GOODBYE_MS = 500;
const SERVER_UNAVAILABLE = 3;
const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;
const SUBSCRIBE_FAILURE = 0x80;

export interface MqttTransportOptions {
  client: MqttClient;
  address: string;
  clientId: string;
  username: string | undefined;
  qos: QoS;
  clean: boolean;
  maxInFlight: number;
  retryFirst: boolean;
  onRetry: ((error: Error) => void) | undefined;
}

export class MqttTransport implements Transport {
  readonly #options: MqttTransportOptions;
  readonly #client: MqttClient;
  readonly #outbox: Outbox;
  readonly #subscriptions: Subscriptions;
  /** Filters that a kept session may still hold. */
  readonly #staleFilters = new Set<string>();
  readonly #takeover = new TakeoverWatch();
  readonly #first = Promise.withResolvers<void>();
  readonly #up = createSignal();
  readonly #down = createSignal();
  readonly #fatal = createSignal<[Error]>();
  #isUp = false;
  #wasEverUp = false;
  #failures = 0;
  #lastError: Error | undefined;
  #fatalError: Error | undefined;
  /** What calls are answered with once this is closed or lost for good. */
  #end: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: MqttTransportOptions) {
    const { client, clean, maxInFlight } = options;
    this.#options = options;
    this.#client = client;
    this.#outbox = new Outbox({ client, maxInFlight, resend: clean });
    this.#subscriptions = new Subscriptions({ holdUnclaimed: !clean });
    this.#setReconnectDelay();
    gatherWrites(client);
    client.on("packetreceive", (packet) => {
      if (packet.cmd === "connack" && packet.returnCode === 0) this.#onAccepted();
    });
    client.on("connect", (connack) => this.#onConnect(connack));
    client.on("message", (topic, payload, { retain }) => {
      if (!this.#end) this.#subscriptions.dispatch({ topic, payload, retain });
    });
    client.on("reconnect", () => {
      this.#failures += 1;
      this.#setReconnectDelay();
    });
    client.on("error", (error) => {
      this.#lastError = error;
    });
    client.stream.on("error", (error) => {
      this.#lastError ??= error;
    });
    client.on("close", () => this.#onClose());
  }

  get connected(): boolean {
    return this.#isUp;
  }

  /** Resolves once the first connection stands. */
  async connect(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = () => this.#fail(new Error("the connect was aborted", { cause: signal?.reason }));
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await this.#first.promise;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<void> {
    if (this.#end) throw this.#end;
    checkTopic(topic);
    const { qos = this.#options.qos, retain = false } = options;
    await this.#outbox.publish({ topic, payload: toBuffer(payload), qos, retain });
  }

  async subscribe(filter: string, handler: (message: Message) => void): Promise<void> {
    if (this.#end) throw this.#end;
    checkFilter(filter);
    this.#staleFilters.delete(filter);
    const { isNew, granted } = this.#subscriptions.add(filter, handler);
    if (isNew && this.#isUp) this.#request([filter]);
    await granted;
  }

  async unsubscribe(filter: string): Promise<void> {
    if (this.#end) throw this.#end;
    if (!this.#subscriptions.remove(filter)) return;
    this.#staleFilters.add(filter);
    if (!this.#isUp) return;
    await new Promise<void>((resolve) => {
      this.#client.unsubscribe(filter, (error) => {
        if (!error) this.#staleFilters.delete(filter);
        resolve();
      });
    });
  }

  onConnect(listener: () => void): () => void {
    if (this.#isUp) callLoudly(listener);
    return this.#up.on(listener);
  }

  onDisconnect(listener: () => void): () => void {
    return this.#down.on(listener);
  }

  onFatal(listener: (error: Error) => void): () => void {
    if (this.#fatalError) callLoudly(listener, this.#fatalError);
    return this.#fatal.on(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #setReconnectDelay(): void {
    this.#client.options.reconnectPeriod = backoffMs(this.#failures);
  }

  #onAccepted(): void {
    this.#takeover.accepted(performance.now());
    const { stream } = this.#client;
    // mqtt.js leaves Nagle's algorithm on: 40 ms for each exchange of small packets.
    if (stream instanceof Socket) stream.setNoDelay(true);
  }

  #onConnect({ sessionPresent }: IConnackPacket): void {
    if (this.#end) return;
    this.#failures = 0;
    this.#setReconnectDelay();
    const isKept = sessionPresent && !this.#options.clean;
    if (isKept && this.#staleFilters.size > 0) this.#client.unsubscribe([...this.#staleFilters]);
    this.#staleFilters.clear();
    // Those of a kept session too: a broker that crashed may have saved it before it had all of them.
    const filters = this.#subscriptions.filters({ all: true });
    if (filters.length > 0) this.#request(filters, () => this.#goUp());
    else this.#goUp();
  }

  #goUp(): void {
    if (this.#end) return;
    this.#isUp = true;
    this.#wasEverUp = true;
    // Whoever subscribed while the others were being granted.
    const filters = this.#subscriptions.filters({ all: false });
    if (filters.length > 0) this.#request(filters);
    this.#outbox.open();
    this.#first.resolve();
    this.#up.emit();
  }

  #request(filters: string[], onAnswer?: () => void): void {
    this.#client.subscribe(filters, { qos: this.#options.qos }, (_error, _grants, suback) => {
      // No answer: the connection is lost, and the next one asks again.
      if (!suback) return;
      for (const [index, filter] of filters.entries()) {
        if (suback.granted[index] === SUBSCRIBE_FAILURE) this.#onDenied(filter);
        else this.#subscriptions.grant(filter);
      }
      onAnswer?.();
    });
  }

  #onDenied(filter: string): void {
    const error = subscriptionDenied(filter, this.#options.clientId);
    if (this.#subscriptions.deny(filter, error)) this.#fail(error);
  }

  #onClose(): void {
    const error = this.#lastError;
    const wasUp = this.#isUp;
    this.#lastError = undefined;
    this.#isUp = false;
    if (this.#end) {
      this.#outbox.fail(this.#end);
      return;
    }
    this.#outbox.pause();
    if (wasUp) this.#down.emit();
    const verdict = this.#judge(error);
    if (verdict) this.#fail(verdict);
    else if (!this.#wasEverUp && this.#options.onRetry) {
      callLoudly(this.#options.onRetry, brokerUnreachable(this.#options.address, error));
    }
  }

  /** Why there is no use in trying again, if there is none. */
  #judge(error: Error | undefined): Error | undefined {
    const { address, clientId, username, retryFirst } = this.#options;
    const refusal = refusalCode(error) ?? 0;
    const isTaken = this.#takeover.closed(performance.now(), error);
    if (refusal === BAD_CREDENTIALS || refusal === NOT_AUTHORIZED) {
      return brokerUnauthorized(address, username, error);
    }
    if (refusal > 0 && refusal < SERVER_UNAVAILABLE) return brokerRefused(address, clientId, error);
    if (isTaken) return clientIdTaken(address, clientId);
    if (!this.#wasEverUp && !retryFirst) return brokerUnreachable(address, error);
    return undefined;
  }

  #fail(error: Error): void {
    if (this.#end) return;
    this.#end = error;
    this.#fatalError = error;
    this.#isUp = false;
    this.#outbox.fail(error);
    this.#subscriptions.fail(error);
    this.#client.end(true);
    this.#first.reject(error);
    this.#fatal.emit(error);
  }

  async #close(): Promise<void> {
    if (this.#end) return;
    const closed = transportClosed(this.#options.clientId);
    this.#end = closed;
    if (this.#isUp) {
      const timer = setTimeout(() => this.#outbox.fail(closed), FLUSH_MS);
      await this.#outbox.idle();
      clearTimeout(timer);
    }
    this.#outbox.fail(closed);
    this.#subscriptions.fail(closed);
    // `end()` would wait for these for ever.
    for (const messageId of Object.keys(this.#client.outgoing)) {
      this.#client.removeOutgoingMessage(Number(messageId));
    }
    await this.#sayGoodbye();
    this.#isUp = false;
  }

  /** Sends DISCONNECT, so that no will is published; a broker that doesn't hang up is not waited for. */
  async #sayGoodbye(): Promise<void> {
    const timer = setTimeout(() => this.#client.stream.destroy(), GOODBYE_MS);
    await new Promise<void>((resolve) => {
      this.#client.end(!this.#client.connected, {}, () => resolve());
    });
    clearTimeout(timer);
  }
}
