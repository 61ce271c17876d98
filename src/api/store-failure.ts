/** While the store can't be written, new work is refused before it is looked at: what waits to be written can't grow. */
import type { Manager } from "../manager/manager.ts";
import type { App } from "./app.ts";

/** Requests that ask for nothing that would have to be kept, or that end something. */
const LEAVES_NO_MORE = /\/(stop|invoke|cordon|uncordon|drain)$|^\/fl(\/|$)/;
const ADDS = new Set(["POST", "PUT", "PATCH"]);

/** Call it before the routes are added, and after those hooks that tell who may ask. */
export function refuseWhatCantBeKept(app: App, manager: Pick<Manager, "storeFailure">): void {
  app.addHook("onRequest", async ({ method, routeOptions: { url } }) => {
    if (!ADDS.has(method) || url === undefined || LEAVES_NO_MORE.test(url)) return;
    const failure = manager.storeFailure();
    if (failure !== undefined) throw failure;
  });
}
