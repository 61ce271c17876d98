/** Lowers the maximum of memories and tables in a WebAssembly binary. */
import { encodeUnsigned } from "./byte-reader.ts";
import type { Section } from "./module-info.ts";
import type { LimitsDeclaration } from "./module-sections.ts";

/** A declaration, and the maximum that it is to have from now on. */
export interface Lowering {
  declaration: LimitsDeclaration;
  maximum: number;
}

interface Edit {
  start: number;
  end: number;
  bytes: number[];
}

/** Leaves each declaration an equal share of what `total` leaves beyond their initial sizes. */
export function lowerTo(declarations: LimitsDeclaration[], total: number): Lowering[] {
  const initial = declarations.reduce((sum, declaration) => sum + declaration.initial, 0);
  const share = Math.floor((total - initial) / Math.max(1, declarations.length));
  return declarations
    .map((declaration) => ({ declaration, maximum: declaration.initial + share }))
    .filter(({ declaration, maximum }) => declaration.maximum > maximum);
}

function lower({ declaration, maximum }: Lowering): Edit {
  const { start, end, flags, initial } = declaration;
  return { start, end, bytes: [flags | 1, ...encodeUnsigned(initial), ...encodeUnsigned(maximum)] };
}

/** The new size of the section that holds `edits`. */
function resize(section: Section, edits: Edit[]): Edit {
  const growth = edits.reduce((sum, edit) => sum + edit.bytes.length - (edit.end - edit.start), 0);
  const bytes = encodeUnsigned(section.end - section.content + growth);
  return { start: section.start + 1, end: section.content, bytes };
}

function apply(bytes: Uint8Array, edits: Edit[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let position = 0;
  for (const edit of edits) {
    parts.push(bytes.subarray(position, edit.start), Uint8Array.from(edit.bytes));
    position = edit.end;
  }
  parts.push(bytes.subarray(position));
  return Buffer.concat(parts);
}

/** Writes the lowered maxima into a copy of the binary; without any, the binary comes back as it is. */
export function rewriteLimits(bytes: Uint8Array, sections: Section[], lowerings: Lowering[]): Uint8Array {
  if (lowerings.length === 0) return bytes;
  const edits = sections.flatMap((section) => {
    const inside = lowerings
      .filter(({ declaration: { start, end } }) => start >= section.content && end <= section.end)
      .map(lower);
    return inside.length === 0 ? [] : [resize(section, inside), ...inside];
  });
  return apply(bytes, edits);
}
