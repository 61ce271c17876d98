/** YAML, and so JSON too, with the place of everything in it. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from "yaml";
import { messageOf } from "../errors.ts";
import type { Path } from "../model/manifest/check-schema.ts";

export interface Place {
  /** Counted from 1. */
  line: number;
  column: number;
}

export interface YamlDocument {
  value: unknown;
  /** Where a field stands, or, where it doesn't, what it is missing from. */
  placeOf(path: Path): Place;
}

export type Parsed = { documents: YamlDocument[]; flaws: (Place & { what: string })[] };

/** More references to anchors than this, and it is no manifest but a bomb. */
const MAX_ALIASES = 100;

/** What the parser makes of it where text nests deeper than the stack reaches. */
const STACK_FULL = "Maximum call stack size exceeded";

/** Reads all documents of a text; empty ones are left out. It throws nothing: what can't be read is a flaw. */
export function parseYaml(text: string): Parsed {
  const lines = new LineCounter();
  const parsed: Parsed = { documents: [], flaws: [] };
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const documents = [
      ...parseAllDocuments(text, {
        lineCounter: lines,
        prettyErrors: false,
        merge: true,
        logLevel: "silent",
      }),
    ];
    for (const document of documents) read(document, parsed, place);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    parsed.flaws.push({ ...place(0), what: "nests too deep" });
  }
  return parsed;
}

function read(document: Document.Parsed, parsed: Parsed, place: (offset: number) => Place): void {
  // What follows on the line of a flaw is mostly its consequence.
  const flaws = new Map<number, Parsed["flaws"][number]>();
  for (const { message, pos } of document.errors) {
    const at = place(pos[0]);
    if (!flaws.has(at.line))
      flaws.set(at.line, { ...at, what: message === STACK_FULL ? "nests too deep" : message });
  }
  parsed.flaws.push(...flaws.values());
  if (flaws.size > 0) return;
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (value === null || value === undefined) return;
    parsed.documents.push({ value, placeOf: (path) => place(offsetOf(document, path)) });
  } catch (error) {
    // What the text refers to can't be put together: too many aliases, or a merge of what is no mapping.
    if (error instanceof RangeError) throw error;
    parsed.flaws.push({ ...place(document.range[0]), what: messageOf(error) });
  }
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let offset = document.contents?.range?.[0] ?? 0;
  let node: unknown = document.contents;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const next = stepInto(node, step);
    if (next === undefined) return offset;
    offset = next.offset ?? offset;
    node = next.value;
  }
  return offset;
}

function stepInto(
  node: unknown,
  step: string | number,
): { offset: number | undefined; value: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { offset: startOf(item), value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return pair === undefined ? undefined : { offset: startOf(pair.key), value: pair.value };
}

function startOf(node: unknown): number | undefined {
  return isNodeWithRange(node) ? node.range?.[0] : undefined;
}

function isNodeWithRange(node: unknown): node is Node {
  return isAlias(node) || isMap(node) || isScalar(node) || isSeq(node);
}
