/** Why a connection to a broker can't be made or kept, in words that a user can act on. */
import { messageOf, PropError, systemCode } from "../errors.ts";

const REASONS: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was reset before the broker answered",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name could not be looked up",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "no answer",
};

const TRUST_CODES = /CERT|SELF_SIGNED|ALTNAME|ISSUER/;

/** The code that the broker refused with in its CONNACK (MQTT 3.1.1, table 3.1), if that is what `error` says. */
export function refusalCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}

/** @param cause what the last try ended with; undefined where the broker just closed it */
export function brokerUnreachable(address: string, cause: unknown): PropError {
  const code = systemCode(cause) ?? "";
  const reason =
    cause === undefined
      ? "it closed the connection before it answered"
      : (REASONS[code] ?? (messageOf(cause) === "connack timeout" ? "no answer" : messageOf(cause)));
  return new PropError({
    code: "BROKER_UNREACHABLE",
    message: `cannot reach the MQTT broker at ${address}: ${reason}`,
    hint: TRUST_CODES.test(code)
      ? "give the certificate of the authority that signed the broker's, and the host name that stands in it"
      : "check the address and that a broker listens there; `prop dev` brings its own",
    cause,
  });
}

export function brokerUnauthorized(address: string, username: string | undefined, cause: unknown): PropError {
  return new PropError({
    code: "BROKER_UNAUTHORIZED",
    message:
      username === undefined
        ? `the MQTT broker at ${address} wants an id and a key`
        : `the MQTT broker at ${address} refused the key of "${username}"`,
    hint: "check the id and the key; the broker's administrator gives them out",
    cause,
  });
}

/** The broker refuses for a reason other than credentials, and will go on doing so. */
export function brokerRefused(address: string, clientId: string, cause: unknown): PropError {
  return new PropError({
    code: "BROKER_REFUSED",
    message: `the MQTT broker at ${address} refused the client "${clientId}": ${messageOf(cause)}`,
    hint: "the broker has to speak MQTT 3.1.1 and to allow client ids of this length",
    cause,
  });
}

export function clientIdTaken(address: string, clientId: string): PropError {
  return new PropError({
    code: "CLIENT_ID_TAKEN",
    message: `the MQTT broker at ${address} closed the connection of client "${clientId}" three times in a row right after accepting it: another client with this id is connected`,
    hint: "stop the other one, or give this one another id; if there is no other, the broker's log says what it objects to",
  });
}

export function subscriptionDenied(filter: string, clientId: string): PropError {
  return new PropError({
    code: "SUBSCRIPTION_DENIED",
    message: `the MQTT broker does not let "${clientId}" subscribe to ${filter}`,
    hint: "check the domain and the channel, and what this id may do on the broker",
  });
}

/** What a call on a transport that was closed ends with. */
export function transportClosed(clientId: string): PropError {
  return new PropError({
    code: "TRANSPORT_CLOSED",
    message: `the MQTT connection of "${clientId}" is closed`,
  });
}
