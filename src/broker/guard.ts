/** The door of the broker: who comes in, what they may say and hear, and who is too slow to be waited for. */
import type { Aedes, AedesPublishPacket, Client, PublishPacket } from "aedes";
import { type Access, accessOf, isTopicLevel } from "./access.ts";
import type { Authenticate } from "./credentials.ts";
import type { Warner } from "./warnings.ts";

/** Where a message goes that its sender may not publish: MQTT 3.1.1 knows no way to tell the sender. */
const NOWHERE = "$denied";
const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;

export interface GuardOptions {
  baseTopic: string;
  /** Without it everybody comes in and does everything. */
  authenticate: Authenticate | undefined;
  maxUnsentBytes: number;
  warner: Warner;
  /** Takes a filter that was refused out of a kept session. */
  forgetFilter: (client: Client, filter: string) => void;
}

interface Member {
  client: Client;
  username: string;
  access: Access;
}

type Handlers = Pick<Aedes, "authenticate" | "authorizePublish" | "authorizeSubscribe" | "authorizeForward">;

export interface Guard {
  handlers: Handlers;
  maySubscribe(clientId: string, filter: string): boolean;
  /** The client is gone, and its session with it. */
  left(client: Client): void;
}

const OPEN_ACCESS: Access = {
  mayPublish: (topic) => !topic.startsWith("$"),
  maySubscribe: () => true,
};

/**
 * A refused publish is acknowledged and goes nowhere, a refused subscribe is answered with 0x80; both are warned
 * of. A client may take any client id that nobody with another username holds; its username it may always take.
 */
export function createGuard(options: GuardOptions): Guard {
  const { baseTopic, authenticate, maxUnsentBytes, warner, forgetFilter } = options;
  const members = new Map<string, Member>();

  async function admit(client: Client, username = "", password = ""): Promise<number> {
    if (!authenticate) {
      members.set(client.id, { client, username, access: OPEN_ACCESS });
      return 0;
    }
    const role = isTopicLevel(username) ? await authenticate(username, password) : undefined;
    if (!role) return BAD_CREDENTIALS;
    const holder = members.get(client.id);
    if (holder && holder.username !== username && client.id !== username) return NOT_AUTHORIZED;
    members.set(client.id, { client, username, access: accessOf(role, username, baseTopic) });
    return 0;
  }

  function deny(client: Client, packet: PublishPacket): void {
    warner.once({
      code: "PUBLISH_DENIED",
      clientId: client.id,
      message: `${client.id} may not publish on ${packet.topic}`,
    });
    packet.topic = NOWHERE;
    packet.retain = false;
  }

  function isTooSlow(client: Client, { qos }: AedesPublishPacket): boolean {
    if (client.conn.writableLength <= maxUnsentBytes) return false;
    const end = qos === 0 ? "messages of QoS 0 are dropped" : "its connection is closed";
    warner.once({
      code: "SLOW_CLIENT",
      clientId: client.id,
      message: `${client.id} does not read what it subscribed to: ${maxUnsentBytes} bytes wait for it; ${end}`,
    });
    if (qos > 0) client.conn.destroy();
    return true;
  }

  function left(client: Client): void {
    if (members.get(client.id)?.client === client) members.delete(client.id);
  }

  const handlers: Handlers = {
    authenticate(client, username, password, done) {
      void admit(client, username, password?.toString()).then((returnCode) => {
        if (client.closed) left(client);
        if (returnCode === 0) return done(null, true);
        const reason = returnCode === BAD_CREDENTIALS ? "bad user name or password" : "client id is in use";
        warner.always({
          code: "LOGIN_REFUSED",
          clientId: client.id,
          message: `${client.id} was refused: ${reason}`,
        });
        return done(Object.assign(new Error(reason), { returnCode }), false);
      });
    },
    authorizePublish(client, packet, done) {
      if (client && !members.get(client.id)?.access.mayPublish(packet.topic)) deny(client, packet);
      done();
    },
    authorizeSubscribe(client, subscription, done) {
      if (members.get(client.id)?.access.maySubscribe(subscription.topic)) return done(null, subscription);
      warner.once({
        code: "SUBSCRIBE_DENIED",
        clientId: client.id,
        message: `${client.id} may not subscribe to ${subscription.topic}`,
      });
      forgetFilter(client, subscription.topic);
      return done(null, null);
    },
    authorizeForward: (client, packet) => (isTooSlow(client, packet) ? null : packet),
  };

  return {
    handlers,
    maySubscribe: (clientId, filter) => members.get(clientId)?.access.maySubscribe(filter) ?? false,
    left,
  };
}
