/** The embedded MQTT broker: Aedes on TCP, with keys, access rules and bounds. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { PropError, systemCode } from "../errors.ts";
import type { Authenticate } from "./credentials.ts";
import { createGuard, type Guard } from "./guard.ts";
import { Persistence } from "./persistence.ts";
import type { RetainedPacket } from "./retained-messages.ts";
import { type BrokerWarning, createWarner, type Warner } from "./warnings.ts";

const MEBIBYTE = 1024 * 1024;

export interface BrokerLimits {
  /** Of QoS 1 and 2, for one client that keeps its session and is away; the oldest give way. 10,000 by default. */
  queuedMessages: number;
  /** The same in bytes; 32 MiB by default. */
  queuedBytes: number;
  /** Written to one connection and not yet taken by it; 64 MiB by default. Past it QoS 0 is dropped; QoS 1 or 2 ends the connection. */
  unsentBytes: number;
}

export interface BrokerOptions {
  /** 127.0.0.1 by default: who wants more has to say so. */
  host?: string;
  /** 0 for any free one. */
  port: number;
  /** `m/{domain}/c/{channel}`: where the access rules hold. */
  baseTopic: string;
  /** Username is an entity's id, password its key. Without it everybody may do everything. */
  authenticate?: Authenticate;
  limits?: Partial<BrokerLimits>;
  /** Each thing once for each connection of a client, but refused logins each time. */
  onWarning?: (warning: BrokerWarning) => void;
}

export interface Broker {
  readonly host: string;
  /** The real one, where 0 was asked for. */
  readonly port: number;
  /** For `connectInProcess`. */
  readonly aedes: Aedes;
  /** The retained messages that a filter matches. */
  retained(filter: string): RetainedPacket[];
  /** Ends every connection and timer. */
  close(): Promise<void>;
}

/**
 * Starts a broker (wire contract, section 1; roles in `access.ts`).
 *
 * @throws PropError `PORT_TAKEN`, `PORT_FORBIDDEN`, `HOST_UNKNOWN`
 */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const { host = "127.0.0.1", port, baseTopic, authenticate, onWarning = () => {} } = options;
  const limits = {
    queuedMessages: 10_000,
    queuedBytes: 32 * MEBIBYTE,
    unsentBytes: 64 * MEBIBYTE,
    ...options.limits,
  };
  const warner = createWarner(onWarning);
  const persistence = new Persistence({
    limits: { maxMessages: limits.queuedMessages, maxBytes: limits.queuedBytes },
    maySubscribe: (clientId, filter) => guard.maySubscribe(clientId, filter),
    onDropped: (clientId) => warner.once(queueFull(clientId, limits)),
  });
  const guard = createGuard({
    baseTopic,
    authenticate,
    maxUnsentBytes: limits.unsentBytes,
    warner,
    forgetFilter: (client, filter) => persistence.removeSubscriptions(client, [filter]),
  });
  const aedes = await startAedes(persistence, guard, warner);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    aedes.handle(socket);
  });
  try {
    await listen(server, port, host);
  } catch (error) {
    await closeAedes(aedes);
    throw error;
  }
  server.on("error", ({ message }) => warner.always({ code: "ACCEPT_FAILED", clientId: "", message }));
  const address = server.address();

  return {
    host,
    port: address !== null && typeof address === "object" ? address.port : port,
    aedes,
    retained: (filter) => persistence.retained.matching(filter),
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      await closeAedes(aedes);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function startAedes(persistence: Persistence, guard: Guard, warner: Warner): Promise<Aedes> {
  const aedes = await Aedes.createBroker({
    persistence,
    ...guard.handlers,
    // Deliveries that wait for one slow client would hold everybody's messages; `unsentBytes` bounds them instead.
    concurrency: 0,
    connectTimeout: 10_000,
    queueLimit: 5_000,
    // All that 16-bit packet ids allow; each costs a number in a set.
    maxInflightInbound: 65_535,
    maxClientsIdLength: 65_535,
  });
  // Each transport in this process listens for the end.
  aedes.setMaxListeners(0);
  aedes.on("client", ({ id }) => warner.forget(id));
  aedes.on("clientDisconnect", (client) => {
    if (client.clean) guard.left(client);
  });
  const onFailed = ({ id }: { id: string | null }, { message }: Error) =>
    warner.always({ code: "CLIENT_FAILED", clientId: id ?? "", message });
  aedes.on("clientError", onFailed);
  aedes.on("connectionError", onFailed);
  return aedes;
}

function closeAedes(aedes: Aedes): Promise<void> {
  return new Promise((resolve) => aedes.close(resolve));
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw listenError(port, host, cause);
  }
}

function listenError(port: number, host: string, cause: unknown): unknown {
  switch (systemCode(cause)) {
    case "EADDRINUSE":
      return new PropError({
        code: "PORT_TAKEN",
        message: `port ${port} on ${host} is taken: the MQTT broker can't listen there`,
        hint: `stop what listens there (\`ss -ltnp 'sport = :${port}'\` tells), or choose another port`,
        cause,
      });
    case "EACCES":
      return new PropError({
        code: "PORT_FORBIDDEN",
        message: `port ${port} on ${host} is not open to this user: the MQTT broker can't listen there`,
        hint: "choose a port from 1024 on",
        cause,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new PropError({
        code: "HOST_UNKNOWN",
        message: `${host} is not an address of this machine: the MQTT broker can't listen there`,
        hint: "127.0.0.1 is this machine alone, 0.0.0.0 all its networks",
        cause,
      });
    default:
      return cause;
  }
}

function queueFull(clientId: string, { queuedMessages, queuedBytes }: BrokerLimits): BrokerWarning {
  return {
    code: "QUEUE_FULL",
    clientId,
    message: `more than ${queuedMessages} messages or ${queuedBytes} bytes wait for ${clientId}: the oldest are dropped`,
  };
}
