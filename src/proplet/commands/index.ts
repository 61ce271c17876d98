/** Which command comes on which topic. */
import { messageOf } from "../../errors.ts";
import type { TopicKind, Topics } from "../../protocol/topics.ts";
import type { Transport } from "../../transport/transport.ts";
import { onAnnounce } from "./announce.ts";
import { onChunk } from "./chunk.ts";
import { onInvoke } from "./invoke.ts";
import type { CommandParts } from "./parts.ts";
import { onReceived } from "./received.ts";
import { onStart } from "./start.ts";
import { onStop } from "./stop.ts";

type Handler = (parts: CommandParts, payload: Uint8Array, isDirect: boolean) => void;

const shared: [TopicKind, Handler][] = [
  ["start", onStart],
  ["stop", onStop],
  ["invoke", onInvoke],
  ["chunk", onChunk],
];
const direct: [TopicKind, Handler][] = [...shared, ["received", onReceived], ["announce", onAnnounce]];

/** Subscribes to the commands for all proplets and to those for this one. @returns what ends it */
export async function listen(
  transport: Transport,
  topics: Topics,
  parts: CommandParts,
): Promise<() => Promise<void>> {
  const routes = [
    ...shared.map(([kind, handler]) => ({ topic: topics.of(kind), handler, isDirect: false })),
    ...direct.map(([kind, handler]) => ({ topic: topics.of(kind, parts.id), handler, isDirect: true })),
  ];
  await Promise.all(
    routes.map(({ topic, handler, isDirect }) =>
      transport.subscribe(topic, ({ payload }) => handler(parts, payload, isDirect)),
    ),
  );
  return async () => {
    const left = await Promise.allSettled(routes.map(({ topic }) => transport.unsubscribe(topic)));
    for (const one of left) {
      if (one.status === "rejected") parts.log.info("not unsubscribed", { reason: messageOf(one.reason) });
    }
  };
}
