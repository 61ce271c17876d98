/** Ids of tasks, jobs and workflows. */
import { randomUUID } from "node:crypto";

/**
 * A UUID that begins with the time it was made at (RFC 9562, section 5.7): what is made together stands together in the
 * store's indexes, where a random one would touch a page of its own each time.
 */
export function newId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
