/** Reads the primitives of the WebAssembly binary format, never past the end. */
import { PropError } from "../errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @returns the error for bytes that end before what they promise. */
export function truncated(detail: string): PropError {
  return new PropError({
    code: "MODULE_INVALID",
    message: `truncated WebAssembly module: ${detail}`,
    hint: "Build or fetch the module again: the file is not complete.",
  });
}

/** @returns the error for bytes that are no valid WebAssembly. */
export function malformed(detail: string): PropError {
  return new PropError({ code: "MODULE_INVALID", message: `invalid WebAssembly module: ${detail}` });
}

/** A cursor over `bytes[offset..end)`. Every read checks its bounds and throws `MODULE_INVALID` past them. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  byte(): number {
    const value = this.offset < this.end ? this.bytes[this.offset] : undefined;
    if (value === undefined) throw truncated(`it ends at byte ${this.end}, in the middle of a value`);
    this.offset++;
    return value;
  }

  /** A LEB128 number of at most `bits` bits. Above 2^53 it is an approximation: enough to see that it is too much. */
  unsigned(bits: 32 | 64 = 32): number {
    let value = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value >= 2 ** bits) break;
        return value;
      }
    }
    throw malformed(`the number before byte ${this.offset} has more than ${bits} bits`);
  }

  /** Skips a signed LEB128 number: block and heap types, whose value nobody here needs. */
  skipSigned(): void {
    for (let length = 0; length < 10; length++) {
      if (this.byte() < 0x80) return;
    }
    throw malformed(`the number before byte ${this.offset} has more than 64 bits`);
  }

  skip(length: number): void {
    if (length > this.end - this.offset) {
      throw truncated(`${length} bytes at byte ${this.offset} end after byte ${this.end}`);
    }
    this.offset += length;
  }

  name(): string {
    const length = this.unsigned();
    const start = this.offset;
    this.skip(length);
    try {
      return utf8.decode(this.bytes.subarray(start, this.offset));
    } catch {
      throw malformed(`the name at byte ${start} is not UTF-8`);
    }
  }

  /** Calls `read` as often as the count at the cursor says. */
  vector(read: (index: number) => void): void {
    const count = this.unsigned();
    for (let index = 0; index < count; index++) read(index);
  }
}

/** Encodes a number below 2^53 as unsigned LEB128. */
export function encodeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
