/** What a WebAssembly binary says of itself, read without compiling it. */
import { ByteReader, malformed, truncated } from "./byte-reader.ts";
import type { FunctionSignature, ModuleInfo } from "./engine.ts";
import { readKind } from "./module-header.ts";
import {
  type Contents,
  type FunctionImport,
  functionTypeAt,
  type LimitsDeclaration,
  sectionReaders,
} from "./module-sections.ts";

export const pageBytes = 65_536;

/** Where a section lies: `start` is its id, `content` what follows its size. */
export interface Section {
  id: number;
  start: number;
  content: number;
  end: number;
}

/** `ModuleInfo`, and what only the engine asks for. */
export interface ParsedModule {
  info: ModuleInfo;
  functionImports: FunctionImport[];
  memories: LimitsDeclaration[];
  tables: LimitsDeclaration[];
  /** Whether there are structures or arrays of the GC proposal among its types. */
  definesObjects: boolean;
  sections: Section[];
  /** The memory exported as `memory`, where WASI looks for it, else the first that is exported. */
  memoryName: string | undefined;
}

const exportedFunction = 0;
const exportedMemory = 2;

function readSection(reader: ByteReader): Section {
  const start = reader.offset;
  const id = reader.byte();
  const size = reader.unsigned();
  const content = reader.offset;
  const end = content + size;
  if (end > reader.end) {
    throw truncated(`section ${id} ends at byte ${end}, the file at byte ${reader.end}`);
  }
  reader.skip(size);
  return { id, start, content, end };
}

function exportedFunctions(contents: Contents): FunctionSignature[] {
  return contents.exports
    .filter(({ kind }) => kind === exportedFunction)
    .map(({ name, index }) => {
      const type = contents.functions[index];
      if (type === undefined) throw malformed(`export "${name}" names function ${index}, which is not there`);
      return { name, ...functionTypeAt(contents, type) };
    });
}

function exportedMemoryName({ exports }: Contents): string | undefined {
  const names = exports.filter(({ kind }) => kind === exportedMemory).map(({ name }) => name);
  return names.includes("memory") ? "memory" : names[0];
}

function ownMemoryBytes({ memories, imports }: Contents): number {
  const imported = imports.filter(({ kind }) => kind === "memory").length;
  return memories.slice(imported).reduce((sum, { initial }) => sum + initial, 0) * pageBytes;
}

/**
 * Reads a WebAssembly binary's own description of itself, in time that does not depend on its code.
 * @throws PropError `MODULE_INVALID`, `MODULE_UNSUPPORTED`
 */
export function parseModule(bytes: Uint8Array): ParsedModule {
  const kind = readKind(bytes);
  const contents: Contents = {
    types: [],
    functions: [],
    imports: [],
    functionImports: [],
    memories: [],
    tables: [],
    exports: [],
  };
  const sections: Section[] = [];
  const reader = new ByteReader(bytes, 8);
  while (kind === "core" && !reader.done) {
    const section = readSection(reader);
    sections.push(section);
    sectionReaders[section.id]?.(new ByteReader(bytes, section.content, section.end), contents);
  }
  const { imports, functionImports, memories, tables, types } = contents;
  const functions = exportedFunctions(contents);
  return {
    info: { kind, functions, imports, memoryBytes: ownMemoryBytes(contents) },
    functionImports,
    memories,
    tables,
    definesObjects: types.includes(undefined),
    sections,
    memoryName: exportedMemoryName(contents),
  };
}
