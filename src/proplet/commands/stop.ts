/** A stop: ends a task that is held here; a manager that counts attempts also hears where it isn't. */
import { decode } from "../../protocol/decode.ts";
import type { Stop } from "../../protocol/messages/stop.ts";
import { failed } from "../report.ts";
import { type CommandParts, isForUs } from "./parts.ts";

export function onStop(parts: CommandParts, payload: Uint8Array, isDirect: boolean): void {
  const decoded = decode.stop(payload);
  if (!decoded.ok) parts.log.warn("a stop is malformed", { reason: decoded.reason });
  else if (isForUs(decoded.message, parts.id)) stop(parts, decoded.message, isDirect);
}

function stop({ id, tasks, outbox, reports }: CommandParts, message: Stop, isDirect: boolean): void {
  const { id: taskId, attempt } = message;
  const held = tasks.get(taskId);
  const isMeant = attempt === undefined || (held?.start.attempt ?? attempt) === attempt;
  if (held !== undefined && isMeant) {
    tasks.stop(held);
  } else if (attempt !== undefined) {
    // Where every proplet hears it, only the one that is meant can say that it doesn't hold the task.
    if (outbox.has(taskId, attempt)) outbox.resend(taskId, attempt);
    else if (isDirect || message.proplet_id === id) {
      reports.result({ id: taskId, attempt }, failed(`task ${taskId} is not running here`));
    }
  }
}
