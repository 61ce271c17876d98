/** Reads the sections of a WebAssembly module that describe it. Code and data are skipped, unknown sections too. */
import { type ByteReader, malformed } from "./byte-reader.ts";
import type { ModuleImport } from "./engine.ts";
import { type FunctionType, readTypes, readValueType, unsupported } from "./module-types.ts";

/** The limits of a memory (in pages) or table (in elements), imported or not, with their place in the binary. */
export interface LimitsDeclaration {
  start: number;
  end: number;
  flags: number;
  initial: number;
  /** What it can grow to by its own word: the address space, or infinity, where it says nothing. */
  maximum: number;
}

export interface FunctionImport extends FunctionType {
  module: string;
  name: string;
}

interface Export {
  kind: number;
  name: string;
  index: number;
}

/** What the sections hold, filled one after another. Imports come first in every list, as in the index spaces. */
export interface Contents {
  types: (FunctionType | undefined)[];
  /** The type index of each function. */
  functions: number[];
  imports: ModuleImport[];
  functionImports: FunctionImport[];
  memories: LimitsDeclaration[];
  tables: LimitsDeclaration[];
  exports: Export[];
}

const importKinds = ["function", "table", "memory", "global", "tag"] as const;
const pagesOf32Bits = 65_536;

/** @throws PropError `MODULE_INVALID` where the type is not there, or is no function */
export function functionTypeAt({ types }: Contents, index: number): FunctionType {
  const type = types[index];
  if (type === undefined) throw malformed(`type ${index} is no function`);
  return type;
}

function readLimits(reader: ByteReader, maximumOf32Bits: number): LimitsDeclaration {
  const start = reader.offset;
  const flags = reader.byte();
  if (flags > 7) throw unsupported(`limits of the form 0x${flags.toString(16)}`);
  const bits = flags & 4 ? 64 : 32;
  const addressable = bits === 64 ? Number.POSITIVE_INFINITY : maximumOf32Bits;
  const initial = reader.unsigned(bits);
  const maximum = flags & 1 ? reader.unsigned(bits) : addressable;
  return { start, end: reader.offset, flags, initial, maximum };
}

function readMemory(reader: ByteReader): LimitsDeclaration {
  return readLimits(reader, pagesOf32Bits);
}

function readTable(reader: ByteReader): LimitsDeclaration {
  if (reader.bytes[reader.offset] === 0x40) throw unsupported("tables with an initial value");
  readValueType(reader);
  return readLimits(reader, Number.POSITIVE_INFINITY);
}

function readImport(reader: ByteReader, contents: Contents): void {
  const module = reader.name();
  const name = reader.name();
  const code = reader.byte();
  const kind = importKinds[code];
  if (kind === undefined) throw unsupported(`imports of kind 0x${code.toString(16)}`);
  contents.imports.push({ module, name, kind });
  if (kind === "function") {
    const type = reader.unsigned();
    contents.functions.push(type);
    contents.functionImports.push({ module, name, ...functionTypeAt(contents, type) });
  } else if (kind === "memory") {
    contents.memories.push(readMemory(reader));
  } else if (kind === "table") {
    contents.tables.push(readTable(reader));
  } else if (kind === "global") {
    readValueType(reader);
    reader.skip(1);
  } else {
    reader.skip(1);
    reader.unsigned();
  }
}

function readExport(reader: ByteReader): Export {
  return { name: reader.name(), kind: reader.byte(), index: reader.unsigned() };
}

/** By section id. */
export const sectionReaders: Record<number, (reader: ByteReader, contents: Contents) => void> = {
  1: (reader, contents) => {
    contents.types = readTypes(reader);
  },
  2: (reader, contents) => reader.vector(() => readImport(reader, contents)),
  3: (reader, contents) => reader.vector(() => contents.functions.push(reader.unsigned())),
  4: (reader, contents) => reader.vector(() => contents.tables.push(readTable(reader))),
  5: (reader, contents) => reader.vector(() => contents.memories.push(readMemory(reader))),
  7: (reader, contents) => reader.vector(() => contents.exports.push(readExport(reader))),
};
