/** Tells each invocation as it ends. */
import type { Manager } from "../manager/manager.ts";
import type { ChangeEvent } from "../model/event.ts";
import type { DevEvent } from "./dev-event.ts";

type Invoked = Extract<ChangeEvent, { type: "invocation" }>;

/** Emits an event for each invocation from now on. @returns what ends it */
export function tellInvocations(manager: Manager, emit: (event: DevEvent) => void): () => void {
  const { stop } = manager.events.follow(undefined, ({ event }) => {
    if (event.type === "invocation") emit(invocationEvent(event));
  });
  return stop;
}

function invocationEvent(event: Invoked): DevEvent {
  const { inputs, results, error, proplet_id, duration_ms } = event;
  return {
    type: "invocation",
    name: event.function ?? event.task_id,
    duration_ms,
    inputs,
    ...(results === undefined ? {} : { results }),
    ...(error === undefined ? {} : { error }),
    ...(proplet_id === undefined ? {} : { proplet_id }),
  };
}
