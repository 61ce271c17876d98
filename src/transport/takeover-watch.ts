/** Tells a connection that another client with our id takes from us from one that is merely lost. */
import { systemCode } from "../errors.ts";

const TOO_SHORT_MS = 5_000;
const STRIKES = 3;
/** A broker that closes a connection with bytes still unread resets it. */
const CLOSED_BY_BROKER = new Set([undefined, "ECONNRESET", "EPIPE"]);

/**
 * A broker that sees a client id twice closes the older connection without a word (MQTT-3.1.4-2). If both come
 * back, they throw each other out for ever; so three short connections in a row are taken for that.
 */
export class TakeoverWatch {
  #acceptedAtMs: number | undefined;
  #strikes = 0;

  /** The broker accepted the connection (CONNACK 0). */
  accepted(nowMs: number): void {
    this.#acceptedAtMs = nowMs;
  }

  /** The connection ended. Returns whether another client has our id. */
  closed(nowMs: number, error: Error | undefined): boolean {
    const isShort = this.#acceptedAtMs !== undefined && nowMs - this.#acceptedAtMs < TOO_SHORT_MS;
    const isByBroker = error === undefined || CLOSED_BY_BROKER.has(systemCode(error) ?? "other");
    this.#acceptedAtMs = undefined;
    this.#strikes = isShort && isByBroker ? this.#strikes + 1 : 0;
    return this.#strikes >= STRIKES;
  }
}
