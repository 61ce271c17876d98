/** What WASI functions see of the run under way: one context a worker, filled anew for each run. */
import { errno, WasiError } from "./errno.ts";
import { GuestMemory } from "./guest-memory.ts";

export const filetype = { unknown: 0, characterDevice: 2 } as const;

/** What stands behind a file descriptor number. */
export interface Descriptor {
  filetype: number;
  rights: bigint;
  /** `fdflags` as the guest set them. */
  flags: number;
  /** Fills `into` from its start. 0 is the end, or nothing yet where it must not block. */
  read?(into: Uint8Array, mayBlock: boolean): number;
  /** Takes bytes and says how many it took. */
  write?(from: Uint8Array): number;
}

export interface WasiContext {
  readonly memory: GuestMemory;
  args: string[];
  env: string[];
  descriptors: Map<number, Descriptor>;
}

/** A host function: 32-bit values come as numbers, 64-bit ones as bigints. It returns an error number. */
export type WasiFunction = (...values: never[]) => number;
export type WasiFunctions = Record<string, WasiFunction>;

/** `onMemory` hears of the size of the guest's memory whenever the host sees it changed. */
export function createContext(onMemory: (byteLength: number) => void): WasiContext {
  return { memory: new GuestMemory(onMemory), args: [], env: [], descriptors: new Map() };
}

/** @throws WasiError `EBADF` */
export function descriptorAt(context: WasiContext, fd: number): Descriptor {
  const descriptor = context.descriptors.get(fd);
  if (descriptor === undefined) throw new WasiError(errno.badf);
  return descriptor;
}
