/** A receipt: the manager has a result on disk. [E] */
import { decode } from "../../protocol/decode.ts";
import type { CommandParts } from "./parts.ts";

export function onReceived({ outbox, log }: CommandParts, payload: Uint8Array): void {
  const decoded = decode.received(payload);
  if (decoded.ok) outbox.received(decoded.message);
  else log.warn("a receipt is malformed", { reason: decoded.reason });
}
