/** The stream of state changes: numbered, the latest kept so that a client can take it up where it left off. */
import { randomUUID } from "node:crypto";
import type { ChangeEvent, RecordedEvent } from "../../model/event.ts";
import type { Events } from "../manager.ts";

const KEPT = 20_000;
/** The latest events stay in memory: of a larger result they say nothing, it is asked for. */
const TOLD_BYTES = 8_192;

export interface EventLog extends Events {
  publish(event: ChangeEvent): void;
}

/** Ids are `<epoch>-<number>`: the epoch is new with each process, so that an id of an earlier one reads as missed. */
export function createEventLog(now: () => Date): EventLog {
  const epoch = randomUUID().slice(0, 8);
  const listeners = new Set<(event: RecordedEvent) => void>();
  const ring: RecordedEvent[] = [];
  let published = 0;

  function since(afterId: string): RecordedEvent[] | undefined {
    const [ofEpoch, number] = afterId.split("-");
    const after = Number(number);
    const oldest = Math.max(0, published - KEPT);
    if (ofEpoch !== epoch || !Number.isInteger(after) || after < oldest || after > published)
      return undefined;
    const kept: RecordedEvent[] = [];
    for (let index = after; index < published; index++) {
      const event = ring[index % KEPT];
      if (event !== undefined) kept.push(event);
    }
    return kept;
  }

  return {
    publish(event) {
      const recorded = {
        id: `${epoch}-${published + 1}`,
        at: now().toISOString(),
        event: withoutLargeResults(event),
      };
      ring[published % KEPT] = recorded;
      published += 1;
      for (const listener of listeners) listener(recorded);
    },
    follow(afterId, listener) {
      const kept = afterId === undefined ? [] : since(afterId);
      for (const event of kept ?? []) listener(event);
      listeners.add(listener);
      return { missed: kept === undefined, stop: () => listeners.delete(listener) };
    },
  };
}

function withoutLargeResults(event: ChangeEvent): ChangeEvent {
  if (!("results" in event) || event.results === undefined) return event;
  const text = typeof event.results === "string" ? event.results : JSON.stringify(event.results);
  if (text.length <= TOLD_BYTES) return event;
  const { results: _, ...rest } = event;
  return rest;
}
