/** Waits for the end of a proplet's drain, told of it by the manager's events. */
import type { Client, FollowedEvent, WireProplet } from "../api/client.ts";

export interface FollowDrainOptions {
  client: Client;
  id: string;
  graceSeconds: number;
  /** Called first, and then each time that the proplet holds fewer or more tasks. */
  onProgress: (taskCount: number) => void;
}

/**
 * Drains a proplet.
 * @returns the proplet once it holds nothing, or once somebody took the drain back
 * @throws PropError `PROPLET_NOT_FOUND`, and where the manager can't be reached any more
 */
export async function followDrain({
  client,
  id,
  graceSeconds,
  onProgress,
}: FollowDrainOptions): Promise<WireProplet> {
  const following = new AbortController();
  const opened = Promise.withResolvers<void>();
  const events = client.follow({ signal: following.signal, onOpen: opened.resolve })[Symbol.asyncIterator]();
  // The stream opens as its first event is asked for; what happens after the request is then seen.
  let coming = events.next();
  coming.catch(opened.reject);
  try {
    await opened.promise;
    let proplet = await client.proplets.drain(id, { grace: graceSeconds });
    onProgress(proplet.task_count);
    while (proplet.draining) {
      const next = await coming;
      if (next.done) break;
      coming = events.next();
      if (!concerns(next.value, id)) continue;
      const before = proplet.task_count;
      proplet = await client.proplets.get(id);
      if (proplet.task_count !== before) onProgress(proplet.task_count);
    }
    return proplet;
  } finally {
    following.abort();
    coming.catch(() => undefined);
  }
}

/** A task that moves leaves no trace of where it was: each change may be about one. */
function concerns({ event }: FollowedEvent, id: string): boolean {
  if (event.type === "proplet") return event.proplet_id === id;
  return event.type === "task" || event.type === "task_deleted" || event.type === "reset";
}
