/** The memory of the running module, read and written within its bounds. */
import { errno, WasiError } from "./errno.ts";

/** A `WebAssembly.Memory`, or what looks like one. Its buffer is another after each growth. */
export interface MemorySource {
  readonly buffer: ArrayBufferLike;
}

const none: MemorySource = { buffer: new ArrayBuffer(0) };

/** Checked access to guest memory. Addresses may come as signed numbers; out of bounds throws `EFAULT`. */
export class GuestMemory {
  #source = none;
  #bytes = new Uint8Array(none.buffer);
  #view = new DataView(none.buffer);
  readonly #onResize: (byteLength: number) => void;

  /** `onResize` hears of the memory's size when it is attached, and of each growth when the host next looks. */
  constructor(onResize: (byteLength: number) => void) {
    this.#onResize = onResize;
  }

  /** Takes over the memory of another instance; without one, every access is out of bounds. */
  attach(source: MemorySource = none): void {
    this.#source = source;
    this.#refresh();
  }

  #refresh(): void {
    const { buffer } = this.#source;
    if (buffer === this.#bytes.buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#onResize(buffer.byteLength);
  }

  /** The checked start of a range. To be called before the views are looked at: it may replace them. */
  #range(address: number, length: number): number {
    this.#refresh();
    const start = address >>> 0;
    if (start + length > this.#bytes.length) throw new WasiError(errno.fault);
    return start;
  }

  /** A window on guest memory; it is valid until guest code runs again. */
  slice(address: number, length: number): Uint8Array {
    const size = length >>> 0;
    const start = this.#range(address, size);
    return this.#bytes.subarray(start, start + size);
  }

  /** Walks `count` I/O vectors at `address` until `visit` returns false. */
  eachVector(address: number, count: number, visit: (bytes: Uint8Array) => boolean): void {
    const start = this.#range(address, (count >>> 0) * 8);
    const end = start + (count >>> 0) * 8;
    for (let vector = start; vector < end; vector += 8) {
      if (!visit(this.slice(this.readU32(vector), this.readU32(vector + 4)))) return;
    }
  }

  readU8(address: number): number {
    const start = this.#range(address, 1);
    return this.#view.getUint8(start);
  }

  readU16(address: number): number {
    const start = this.#range(address, 2);
    return this.#view.getUint16(start, true);
  }

  readU32(address: number): number {
    const start = this.#range(address, 4);
    return this.#view.getUint32(start, true);
  }

  readU64(address: number): bigint {
    const start = this.#range(address, 8);
    return this.#view.getBigUint64(start, true);
  }

  writeU8(address: number, value: number): void {
    const start = this.#range(address, 1);
    this.#view.setUint8(start, value);
  }

  writeU16(address: number, value: number): void {
    const start = this.#range(address, 2);
    this.#view.setUint16(start, value, true);
  }

  writeU32(address: number, value: number): void {
    const start = this.#range(address, 4);
    this.#view.setUint32(start, value, true);
  }

  writeU64(address: number, value: bigint): void {
    const start = this.#range(address, 8);
    this.#view.setBigUint64(start, value, true);
  }

  writeBytes(address: number, bytes: Uint8Array): void {
    const start = this.#range(address, bytes.length);
    this.#bytes.set(bytes, start);
  }

  /** Zeroes a structure before its fields are written. */
  clear(address: number, length: number): void {
    const start = this.#range(address, length);
    this.#bytes.fill(0, start, start + length);
  }
}
