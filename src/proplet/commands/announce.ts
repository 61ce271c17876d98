/** The manager missed the introduction, or wants to know what is held. [E] */
import type { CommandParts } from "./parts.ts";

export function onAnnounce({ announce }: CommandParts): void {
  announce();
}
