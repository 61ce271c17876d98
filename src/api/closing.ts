/** The end of the API: what is under way is answered, what comes is told to come again later. */
import { PropError } from "../errors.ts";
import type { App } from "./app.ts";

export interface Closing {
  /** Refuses new requests from now on; resolves when those under way are answered, or after `graceMs`. */
  settle(graceMs: number): Promise<void>;
}

/** Watches the requests of an app; streams of events have no end to wait for. */
export function watchClosing(app: App): Closing {
  let closing = false;
  let underWay = 0;
  let onIdle: (() => void) | undefined;

  app.addHook("onRequest", async (request, reply) => {
    if (closing) {
      throw new PropError({
        code: "MANAGER_CLOSING",
        message: "the manager is shutting down",
        hint: "Try again in a moment: tasks and functions go on meanwhile.",
      });
    }
    if (request.routeOptions.url === "/events") return;
    underWay += 1;
    reply.raw.once("close", () => {
      underWay -= 1;
      if (underWay === 0) onIdle?.();
    });
  });

  return {
    async settle(graceMs) {
      closing = true;
      if (underWay === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}
