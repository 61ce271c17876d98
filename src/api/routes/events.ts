/** `GET /events` [E]: what happens, as server-sent events, resumable by the id of the last one. */
import Type from "typebox";
import type { ChangeEvent, RecordedEvent } from "../../model/event.ts";
import type { App, RouteDeps } from "../app.ts";
import { reading } from "../auth.ts";
import { type EventStream, openEventStream } from "../event-stream.ts";
import type { RequestMeter } from "../meter-requests.ts";
import { createStreamHolds } from "../stream-holds.ts";

const EventsQuery = Type.Object({
  lastEventId: Type.Optional(Type.String({ description: "as the header Last-Event-ID" })),
  task_id: Type.Optional(Type.String({ description: "only what happens to this task" })),
  type: Type.Optional(Type.String({ description: "only events of this type" })),
});

const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

export function addEventRoutes(
  app: App,
  {
    manager: { events, tokens },
    meter,
    maxBufferedBytes = MAX_BUFFERED_BYTES,
  }: RouteDeps & { meter: RequestMeter; maxBufferedBytes?: number },
): void {
  const open = new Set<EventStream>();
  const hold = createStreamHolds();
  const frameOf = frames();

  app.get(
    "/events",
    { ...reading, schema: { querystring: EventsQuery, produces: ["text/event-stream"] } },
    (request, reply) => {
      const { query, token } = request;
      const release = hold(reply);
      const header = request.headers["last-event-id"];
      const lastEventId = (typeof header === "string" ? header : query.lastEventId) || undefined;
      const follows = ({ event }: RecordedEvent) => wanted(event, query);
      const kept: RecordedEvent[] = [];
      let send = (recorded: RecordedEvent): unknown => kept.push(recorded);
      const { missed, stop } = events.follow(lastEventId, (recorded) => send(recorded));
      reply.hijack();
      const stream = openEventStream(reply.raw, {
        replay: (missed ? resetFrame() : "") + kept.filter(follows).map(frameOf).join(""),
        maxBufferedBytes,
        onEnd() {
          open.delete(stream);
          stop();
          unwatch?.();
          release();
          meter.streams(-1);
        },
      });
      // Its client comes back, and is told why it may not.
      const unwatch = token === null ? undefined : tokens.watch(token.id, () => stream.end());
      open.add(stream);
      meter.streams(1);
      send = (recorded) => follows(recorded) && stream.send(frameOf(recorded));
    },
  );

  app.addHook("preClose", async () => {
    for (const stream of open) stream.end();
  });
}

/** Tells a client that events between its last one and the next are no longer kept. */
function resetFrame(): string {
  return `event: reset\ndata: ${JSON.stringify({ at: new Date().toISOString() })}\n\n`;
}

function wanted(event: ChangeEvent, { task_id, type }: { task_id?: string; type?: string }): boolean {
  if (type && event.type !== type) return false;
  return !task_id || ("task_id" in event && event.task_id === task_id);
}

/** The event as it is sent; all that follow get the same one, so it is made once. */
function frames(): (recorded: RecordedEvent) => string {
  let last: RecordedEvent | undefined;
  let frame = "";
  return (recorded) => {
    if (recorded !== last) {
      const { id, at, event } = recorded;
      frame = `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify({ at, ...event })}\n\n`;
      last = recorded;
    }
    return frame;
  };
}
