/** One small interface to a broker, the same over the network and in process. */

export type QoS = 0 | 1 | 2;

export interface Message {
  topic: string;
  payload: Uint8Array;
  retain: boolean;
}

export interface PublishOptions {
  /** The transport's own by default. */
  qos?: QoS;
  retain?: boolean;
}

/** A message the broker publishes for us when we vanish without saying so. */
export interface Will {
  topic: string;
  payload: string;
  qos: QoS;
  retain: boolean;
}

export interface Transport {
  /**
   * Hands a message to the broker. Never waits for an earlier one: messages are pipelined and keep their order.
   * Resolves when the broker has taken it (at QoS 0: when it is written). While the connection is lost, messages
   * of QoS 1 and 2 wait for it.
   */
  publish(topic: string, payload: string | Uint8Array, options?: PublishOptions): Promise<void>;
  /** Subscribes to a filter (`+` and `#` as in MQTT 3.1.1) and resolves once the broker granted it. Lasts over reconnects. */
  subscribe(filter: string, handler: (message: Message) => void): Promise<void>;
  unsubscribe(filter: string): Promise<void>;
  readonly connected: boolean;
  /** Called now if connected, and after each later connect. Returns what ends it. */
  onConnect(listener: () => void): () => void;
  onDisconnect(listener: () => void): () => void;
  /** Called once where the connection can't be kept at all (wrong key, client id taken by another). */
  onFatal(listener: (error: Error) => void): () => void;
  /** Sends what is under way (at most a second), says good-bye, so that no will is published. */
  close(): Promise<void>;
}
