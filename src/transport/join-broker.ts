/** How a manager and a proplet come to their broker: they wait for it, and log in by their own id. */
import { connectMqtt, type MqttOptions } from "./mqtt.ts";
import type { Transport } from "./transport.ts";

export interface JoinOptions extends Omit<MqttOptions, "clientId" | "username" | "password"> {
  /** Client id and, with a key, user name. */
  id: string;
  apiKey: string | undefined;
  /** Ends the waiting. */
  signal: AbortSignal;
  /** Told once that the broker can't be reached yet. */
  warn: (message: string) => void;
}

/**
 * Tries until the broker answers; undefined where the signal came first.
 * @throws PropError of `connectMqtt` where trying again wouldn't help
 */
export async function joinBroker({ id, apiKey, warn, ...mqtt }: JoinOptions): Promise<Transport | undefined> {
  let isTold = false;
  try {
    return await connectMqtt({
      ...mqtt,
      clientId: id,
      ...(apiKey === undefined ? {} : { username: id, password: apiKey }),
      retryFirst: true,
      onRetry: (error) => {
        if (!isTold) warn(`${error.message}; trying until it answers`);
        isTold = true;
      },
    });
  } catch (error) {
    if (mqtt.signal.aborted) return undefined;
    throw error;
  }
}
