/** A start: takes a task over, unless it is held or has ended here already. */
import Type from "typebox";
import { decode } from "../../protocol/decode.ts";
import { decoderOf } from "../../protocol/message.ts";
import { Attempt, Id } from "../../protocol/messages/fields.ts";
import type { Start } from "../../protocol/messages/start.ts";
import { leaving } from "../held-tasks.ts";
import { attemptKey } from "../recent-keys.ts";
import { failed, handedBack } from "../report.ts";
import { type CommandParts, isForUs } from "./parts.ts";

/** What can be told of a start that is malformed. */
const decodeHead = decoderOf(
  "start",
  Type.Object({ id: Id, proplet_id: Type.Optional(Id), attempt: Type.Optional(Attempt) }),
);

export function onStart(parts: CommandParts, payload: Uint8Array, isDirect: boolean): void {
  const decoded = decode.start(payload);
  if (!decoded.ok) {
    if (!parts.closing.aborted) refuse(parts, payload, isDirect, decoded.reason);
  } else if (isForUs(decoded.message, parts.id) && isNew(parts, decoded.message)) {
    if (parts.closing.aborted) handBack(parts, decoded.message, leaving(parts.id));
    else take(parts, decoded.message);
  }
}

/** Only a manager that counts attempts can give it to another one. */
function handBack({ reports }: CommandParts, start: Start, reason: string): void {
  if (start.attempt !== undefined) reports.result(start, handedBack(reason));
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
function isNew(parts: CommandParts, start: Start): boolean {
  const { tasks, outbox, ended, reports } = parts;
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
  if (isOlder) return false;
  // Its result was received once: a manager that asks all the same has lost it, and may run it anew.
  const hasEnded = ended.has(attemptKey(taskId, attempt));
  if (hasEnded) handBack(parts, start, `proplet ${parts.id} ended this attempt before`);
  return !hasEnded;
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
