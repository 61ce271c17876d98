/**
 * Keeps a module from filling the JavaScript heap of its worker: V8 ends the whole process for some ways to do so.
 * Tables, element segments and garbage-collected objects live there; linear memory does not.
 */
import { PropError } from "../errors.ts";
import { type Lowering, lowerTo } from "./limits-rewrite.ts";
import type { ParsedModule } from "./module-info.ts";
import type { LimitsDeclaration } from "./module-sections.ts";
import { sizeText } from "./size-text.ts";

const maximumElements = 1_000_000;
const maximumSegmentBytes = 4 * 2 ** 20;
const elementSection = 9;

function refused(what: string, hint: string): PropError {
  return new PropError({ code: "MODULE_UNSUPPORTED", message: `the WebAssembly module ${what}`, hint });
}

/** @throws PropError `MODULE_UNSUPPORTED` for a module whose use of the heap cannot be bounded */
export function checkHeapUse({ definesObjects, tables, sections }: ParsedModule): void {
  if (definesObjects) {
    throw refused(
      "defines garbage-collected types, and this engine cannot limit the memory of their objects",
      "Build it for linear memory, without WasmGC.",
    );
  }
  const elements = tables.reduce((sum, { initial }) => sum + initial, 0);
  if (elements > maximumElements) {
    throw refused(`has tables of ${elements} elements`, `This engine takes ${maximumElements}.`);
  }
  const segments = sections.find(({ id }) => id === elementSection);
  const segmentBytes = segments === undefined ? 0 : segments.end - segments.content;
  if (segmentBytes > maximumSegmentBytes) {
    throw refused(
      `has ${sizeText(segmentBytes)} of table elements`,
      `This engine takes ${sizeText(maximumSegmentBytes)}.`,
    );
  }
}

/** Tables that pass `checkHeapUse` may grow, together, to what a worker's heap holds. */
export function lowerTableLimits(tables: LimitsDeclaration[]): Lowering[] {
  return lowerTo(tables, maximumElements);
}
