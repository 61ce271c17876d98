/** What the commands of a manager work on. */
import type { Log } from "../../telemetry/logger.ts";
import type { HeldTasks } from "../held-tasks.ts";
import type { ImageRequests } from "../image-requests.ts";
import type { Invocations } from "../invocations.ts";
import type { Outbox } from "../outbox.ts";
import type { RecentKeys } from "../recent-keys.ts";
import type { Reports } from "../reports.ts";

export interface CommandParts {
  id: string;
  tasks: HeldTasks;
  invocations: Invocations;
  images: ImageRequests;
  outbox: Outbox;
  ended: RecentKeys;
  reports: Reports;
  log: Log;
  /** Sends what was not received, then introduces itself. */
  announce: () => void;
  /** Aborted once nothing new is taken on. */
  closing: AbortSignal;
}

interface Addressed {
  proplet_id?: string;
  broadcast?: boolean;
}

/** A message without an address is one for every proplet. */
export function isForUs({ proplet_id, broadcast }: Addressed, id: string): boolean {
  return broadcast === true || proplet_id === undefined || proplet_id === "" || proplet_id === id;
}
