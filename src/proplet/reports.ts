/** What a proplet sends of its tasks. */
import { messageOf, PropError } from "../errors.ts";
import type { MessageOf } from "../protocol/decode.ts";
import { encode } from "../protocol/message.ts";
import type { Invoke } from "../protocol/messages/invoke.ts";
import type { Topics } from "../protocol/topics.ts";
import type { Log } from "../telemetry/logger.ts";
import type { Transport } from "../transport/transport.ts";
import { createAcceptances } from "./acceptances.ts";
import type { Outbox } from "./outbox.ts";
import type { RecentKeys } from "./recent-keys.ts";
import { attemptKey } from "./recent-keys.ts";
import type { Report } from "./report.ts";

type Kind = "discovery" | "heartbeat" | "accepted" | "imageRequest" | "propletMetrics" | "taskMetrics";

export interface Publish {
  (kind: Kind, message: MessageOf[Kind]): void;
  (kind: "results" | "invokeResults", message: object): void;
}

/** Publishes without waiting; what the transport holds back while it is away goes out when it is back. */
export function createPublish(transport: Transport, topics: Topics, log: Log): Publish {
  return (kind: keyof MessageOf, message: object) => {
    transport.publish(topics.of(kind), encode(message)).catch((error: unknown) => {
      if (error instanceof PropError && error.code === "TRANSPORT_CLOSED") return;
      log.warn("a message could not be sent", { topic: topics.of(kind), reason: messageOf(error) });
    });
  };
}

/** A task, and which attempt at it, where the manager counts them. */
export interface TaskRef {
  id: string;
  attempt?: number;
}

export interface Reports {
  /** Only a manager that counts attempts hears of it. */
  accepted(task: TaskRef): void;
  /** The same, but for a run that may be over in a moment: then its result alone is told. */
  acceptedSoon(task: TaskRef): void;
  /** Tells now what `acceptedSoon` held back. */
  flushAccepted(): void;
  /** A manager that counts attempts gets a result until it confirms it, another one gets it once. */
  result(task: TaskRef, report: Report): void;
  invocation(invoke: Invoke, report: Report): void;
}

export interface ReportsParts {
  id: string;
  publish: Publish;
  outbox: Outbox;
  ended: RecentKeys;
}

export function createReports({ id, publish, outbox, ended }: ReportsParts): Reports {
  function accepted(task: TaskRef): void {
    if (task.attempt === undefined) return;
    publish("accepted", { task_id: task.id, attempt: task.attempt, proplet_id: id });
  }
  const acceptances = createAcceptances(accepted);

  return {
    accepted,
    acceptedSoon: acceptances.soon,
    flushAccepted: acceptances.flush,
    result({ id: taskId, attempt }, report) {
      acceptances.drop(taskId);
      const result = { task_id: taskId, proplet_id: id, ...report };
      if (attempt === undefined) return publish("results", result);
      ended.add(attemptKey(taskId, attempt));
      outbox.add({ ...result, attempt });
    },
    invocation({ id: taskId, invocation_id }, report) {
      publish("invokeResults", { task_id: taskId, invocation_id, proplet_id: id, ...report });
    },
  };
}
