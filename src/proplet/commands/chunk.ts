/** A chunk of an image, one that was asked for or somebody else's. */
import { decode } from "../../protocol/decode.ts";
import type { CommandParts } from "./parts.ts";

export function onChunk({ images, log }: CommandParts, payload: Uint8Array): void {
  const decoded = decode.chunk(payload);
  if (decoded.ok) images.add(decoded.message);
  else log.warn("a chunk is malformed", { reason: decoded.reason });
}
