/** What happened while the store fails, to be told once it is on disk: of each thing the latest, so that it can't grow. */
import type { ChangeEvent } from "../../model/event.ts";

export interface Untold {
  keep(events: readonly ChangeEvent[]): void;
  /** All that was kept, in the order in which it happened; it is empty then. */
  take(): readonly ChangeEvent[];
}

const NOTHING: readonly ChangeEvent[] = [];

export function createUntold(): Untold {
  const latest = new Map<string, ChangeEvent>();
  return {
    keep(events) {
      for (const event of events) {
        const key = `${event.type} ${subjectOf(event)}`;
        latest.delete(key);
        latest.set(key, event);
      }
    },
    take() {
      // Asked after each commit: nearly always there is nothing.
      if (latest.size === 0) return NOTHING;
      const kept = [...latest.values()];
      latest.clear();
      return kept;
    },
  };
}

function subjectOf(event: ChangeEvent): string {
  switch (event.type) {
    case "task":
    case "task_deleted":
    case "run_skipped":
      return event.task_id;
    case "proplet":
    case "proplet_deleted":
      return event.proplet_id;
    case "function":
      return event.name;
    case "invocation":
      return event.invocation_id;
    case "pruned":
      return "";
  }
}
