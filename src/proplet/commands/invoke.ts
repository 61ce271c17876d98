/** An invoke: runs a latent task once. */
import Type from "typebox";
import { decode } from "../../protocol/decode.ts";
import { decoderOf } from "../../protocol/message.ts";
import { Id } from "../../protocol/messages/fields.ts";
import { failed } from "../report.ts";
import { type CommandParts, isForUs } from "./parts.ts";

/** What can be told of an invoke that is malformed. */
const decodeHead = decoderOf(
  "invoke",
  Type.Object({ id: Id, invocation_id: Id, proplet_id: Type.Optional(Id) }),
);

export function onInvoke(parts: CommandParts, payload: Uint8Array, isDirect: boolean): void {
  const { id, invocations, reports, log, closing } = parts;
  if (closing.aborted) return;
  const decoded = decode.invoke(payload);
  if (decoded.ok) {
    if (isForUs(decoded.message, id)) invocations.start(decoded.message);
    return;
  }
  log.warn("an invoke is malformed", { reason: decoded.reason });
  const head = decodeHead(payload);
  if (!head.ok || !(isDirect || head.message.proplet_id === id)) return;
  reports.invocation(head.message, failed(decoded.reason));
}
