/** WASI preview 1: reading and writing streams, and what a guest may ask of a descriptor. */
import { type Descriptor, descriptorAt, filetype, type WasiContext, type WasiFunctions } from "./context.ts";
import { errno } from "./errno.ts";

const right = { read: 1n << 1n, setFlags: 1n << 3n, write: 1n << 6n, stat: 1n << 21n, poll: 1n << 27n };
const knownFlags = 0x1f;

/** Where stdin comes from and stdout and stderr go. `terminal` says which of the three are one. */
export interface Stdio {
  read(into: Uint8Array, mayBlock: boolean): number;
  writeOut(from: Uint8Array): number;
  writeError(from: Uint8Array): number;
  terminal: [boolean, boolean, boolean];
}

function stream(terminal: boolean, access: bigint): Descriptor {
  const rights = access | right.setFlags | right.stat | right.poll;
  return { filetype: terminal ? filetype.characterDevice : filetype.unknown, rights, flags: 0 };
}

/** Descriptors 0, 1 and 2 of a run. */
export function stdioDescriptors(stdio: Stdio): Map<number, Descriptor> {
  const [input, output, error] = stdio.terminal;
  return new Map([
    [0, { ...stream(input, right.read), read: stdio.read }],
    [1, { ...stream(output, right.write), write: stdio.writeOut }],
    [2, { ...stream(error, right.write), write: stdio.writeError }],
  ]);
}

function readInto(context: WasiContext, fd: number, vectors: number, count: number, readAt: number): number {
  const descriptor = descriptorAt(context, fd);
  if (descriptor.read === undefined) return errno.badf;
  let total = 0;
  context.memory.eachVector(vectors, count, (bytes) => {
    if (bytes.length === 0) return true;
    const length = descriptor.read?.(bytes, total === 0) ?? 0;
    total += length;
    return length === bytes.length;
  });
  context.memory.writeU32(readAt, total);
  return 0;
}

function writeFrom(
  context: WasiContext,
  fd: number,
  vectors: number,
  count: number,
  writtenAt: number,
): number {
  const descriptor = descriptorAt(context, fd);
  if (descriptor.write === undefined) return errno.badf;
  let total = 0;
  context.memory.eachVector(vectors, count, (bytes) => {
    if (bytes.length === 0) return true;
    const length = descriptor.write?.(bytes) ?? 0;
    total += length;
    return length === bytes.length;
  });
  context.memory.writeU32(writtenAt, total);
  return 0;
}

export function stdioFunctions(context: WasiContext): WasiFunctions {
  const { memory } = context;
  return {
    fd_read: (fd: number, vectors: number, count: number, readAt: number) =>
      readInto(context, fd, vectors, count, readAt),
    fd_write: (fd: number, vectors: number, count: number, writtenAt: number) =>
      writeFrom(context, fd, vectors, count, writtenAt),
    fd_close: (fd: number) => (context.descriptors.delete(fd) ? 0 : errno.badf),
    fd_renumber: (from: number, to: number) => {
      const descriptor = descriptorAt(context, from);
      descriptorAt(context, to);
      context.descriptors.delete(from);
      context.descriptors.set(to, descriptor);
      return 0;
    },
    fd_fdstat_get: (fd: number, resultAt: number) => {
      const descriptor = descriptorAt(context, fd);
      memory.clear(resultAt, 24);
      memory.writeU8(resultAt, descriptor.filetype);
      memory.writeU16((resultAt >>> 0) + 2, descriptor.flags);
      memory.writeU64((resultAt >>> 0) + 8, descriptor.rights);
      return 0;
    },
    fd_fdstat_set_flags: (fd: number, flags: number) => {
      const descriptor = descriptorAt(context, fd);
      if (flags & ~knownFlags) return errno.inval;
      descriptor.flags = flags;
      return 0;
    },
    fd_fdstat_set_rights: (fd: number, rights: bigint, inheriting: bigint) => {
      const descriptor = descriptorAt(context, fd);
      const wanted = BigInt.asUintN(64, rights);
      if (wanted & ~descriptor.rights || inheriting !== 0n) return errno.notcapable;
      descriptor.rights = wanted;
      return 0;
    },
    fd_filestat_get: (fd: number, resultAt: number) => {
      const descriptor = descriptorAt(context, fd);
      memory.clear(resultAt, 64);
      memory.writeU8((resultAt >>> 0) + 16, descriptor.filetype);
      memory.writeU64((resultAt >>> 0) + 24, 1n);
      return 0;
    },
  };
}
