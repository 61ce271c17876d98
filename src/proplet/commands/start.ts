/** A start: takes a task over, unless it is held or has ended here already. */
import Type from "typebox";
import { decode } from "../../protocol/decode.ts";
import { decoderOf } from "../../protocol/message.ts";
import { Attempt, Id } from "../../protocol/messages/fields.ts";
import type { Start } from "../../protocol/messages/start.ts";
import { attemptKey } from "../recent-keys.ts";
import { failed } from "../report.ts";
import { type CommandParts, isForUs } from "./parts.ts";

/** What can be told of a start that is malformed. */
const decodeHead = decoderOf(
  "start",
  Type.Object({ id: Id, proplet_id: Type.Optional(Id), attempt: Type.Optional(Attempt) }),
);

export function onStart(parts: CommandParts, payload: Uint8Array, isDirect: boolean): void {
  const decoded = decode.start(payload);
  if (parts.closing.aborted) return;
  if (!decoded.ok) refuse(parts, payload, isDirect, decoded.reason);
  else if (isForUs(decoded.message, parts.id) && isNew(parts, decoded.message)) take(parts, decoded.message);
}

function take({ tasks, reports, log }: CommandParts, start: Start): void {
  const older = tasks.get(start.id);
  if (older !== undefined) tasks.stop(older);
  if (start.encrypted === true) {
    log.warn("an encrypted task needs a trusted execution environment", { task_id: start.id });
    reports.result(start, failed("TEE runtime not available"));
  } else {
    tasks.hold(start);
  }
}

/** What came twice is answered as it was the first time. */
function isNew({ tasks, outbox, ended, reports }: CommandParts, start: Start): boolean {
  const { id: taskId, attempt } = start;
  const held = tasks.get(taskId);
  if (attempt === undefined) return held === undefined;
  if (held?.start.attempt === attempt) {
    if (held.isAccepted) reports.accepted(start);
    return false;
  }
  if (outbox.has(taskId, attempt)) {
    outbox.resend(taskId, attempt);
    return false;
  }
  const isOlder = held?.start.attempt !== undefined && held.start.attempt > attempt;
  return !isOlder && !ended.has(attemptKey(taskId, attempt));
}

function refuse(
  { id, reports, log }: CommandParts,
  payload: Uint8Array,
  isDirect: boolean,
  reason: string,
): void {
  const head = decodeHead(payload);
  const isOurs = head.ok && (isDirect || head.message.proplet_id === id);
  log.warn("a start is malformed", { reason, ...(head.ok && { task_id: head.message.id }) });
  if (isOurs) reports.result(head.message, failed(reason));
}
