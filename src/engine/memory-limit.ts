/** Bounds a module's memory by lowering the maximum it declares: V8 has no other way to bound one instance. */
import { PropError } from "../errors.ts";
import { lowerTableLimits } from "./heap-limit.ts";
import { lowerTo, rewriteLimits } from "./limits-rewrite.ts";
import { type ParsedModule, pageBytes } from "./module-info.ts";
import { sizeText } from "./size-text.ts";

/** A module whose memories together stay within a limit. */
export interface LimitedModule {
  bytes: Uint8Array;
  /** What the memories can grow to where the limit holds them below what they declare, else undefined. */
  capBytes: number | undefined;
}

/**
 * Rewrites the declared maximum of every memory, imported ones too, so that together they stay within `limitBytes`,
 * and of every table so that they fit into a worker's heap.
 * @throws PropError `MEMORY_LIMIT` where the initial memory is more than the limit
 */
export function limitMemory(bytes: Uint8Array, parsed: ParsedModule, limitBytes: number): LimitedModule {
  const { memories, sections } = parsed;
  const initialBytes = memories.reduce((sum, { initial }) => sum + initial, 0) * pageBytes;
  if (initialBytes > limitBytes) {
    throw new PropError({
      code: "MEMORY_LIMIT",
      message: `the module starts with ${sizeText(initialBytes)} of memory, and its limit is ${sizeText(limitBytes)}`,
      hint: "Raise the memory limit, or build the module with a smaller initial memory.",
    });
  }
  const lowered = lowerTo(memories, Math.floor(limitBytes / pageBytes));
  const limited = rewriteLimits(bytes, sections, [...lowered, ...lowerTableLimits(parsed.tables)]);
  if (lowered.length === 0) return { bytes: limited, capBytes: undefined };
  const caps = new Map(lowered.map(({ declaration, maximum }) => [declaration, maximum]));
  const pages = memories.reduce((sum, memory) => sum + (caps.get(memory) ?? memory.maximum), 0);
  return { bytes: limited, capBytes: pages * pageBytes };
}
