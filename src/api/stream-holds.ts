/** Counts the streams of events that each client holds, and refuses more than it may. */
import type { FastifyReply } from "fastify";
import { PropError } from "../errors.ts";
import { clientOf } from "./auth.ts";
import { MOST_STREAMS } from "./limits.ts";

/**
 * One more for the client that asks. Returns what gives it back.
 * @throws PropError `STREAMS_LIMITED`
 */
export type HoldStream = (reply: FastifyReply) => () => void;

export function createStreamHolds(): HoldStream {
  const held = new Map<string, number>();
  return (reply) => {
    const client = clientOf(reply.request);
    const holds = held.get(client) ?? 0;
    if (holds >= MOST_STREAMS) throw tooMany(reply);
    held.set(client, holds + 1);
    return () => {
      const left = (held.get(client) ?? 1) - 1;
      if (left === 0) held.delete(client);
      else held.set(client, left);
    };
  };
}

function tooMany(reply: FastifyReply): PropError {
  reply.header("retry-after", 1);
  return new PropError({
    code: "STREAMS_LIMITED",
    message: `more than ${MOST_STREAMS} streams of events at a time`,
    hint: "Close those that nobody reads.",
  });
}
