/** What the broker has to say of its clients, without saying it for every message. */

export interface BrokerWarning {
  code:
    | "ACCEPT_FAILED"
    | "CLIENT_FAILED"
    | "LOGIN_REFUSED"
    | "PUBLISH_DENIED"
    | "QUEUE_FULL"
    | "SLOW_CLIENT"
    | "SUBSCRIBE_DENIED";
  /** Empty where no client is known yet. */
  clientId: string;
  message: string;
}

const MOST_PER_CLIENT = 100;

export interface Warner {
  /** Says it the first time since `forget`; and no more than a hundred things of one client. */
  once(warning: BrokerWarning): void;
  always(warning: BrokerWarning): void;
  forget(clientId: string): void;
}

/** Hands warnings on, each once for each connection of a client. */
export function createWarner(onWarning: (warning: BrokerWarning) => void): Warner {
  const saidOf = new Map<string, Set<string>>();
  return {
    once(warning) {
      const said = saidOf.get(warning.clientId) ?? new Set();
      if (said.has(warning.message) || said.size >= MOST_PER_CLIENT) return;
      saidOf.set(warning.clientId, said.add(warning.message));
      onWarning(warning);
    },
    always: onWarning,
    forget: (clientId) => saidOf.delete(clientId),
  };
}
