/** Reads CBOR (RFC 8949) into what JSON can say: a model update for coordinators that take no CBOR. */

/** Deeper than this is no update, and would cost the stack. */
const MAX_LEVELS = 64;
const BREAK = Symbol("break");

/** @throws Error where the bytes are not one whole item, or say what JSON can't: bytes become base64, as Go writes them */
export function decodeCbor(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  function take(length: number): number {
    const start = at;
    if (length > bytes.byteLength - start) throw new Error("the CBOR is cut off");
    at += length;
    return start;
  }

  /** The argument of an item's head; undefined for an item of indefinite length. */
  function argument(info: number): number | undefined {
    if (info < 24) return info;
    if (info === 24) return view.getUint8(take(1));
    if (info === 25) return view.getUint16(take(2));
    if (info === 26) return view.getUint32(take(4));
    if (info === 27) return Number(view.getBigUint64(take(8)));
    if (info === 31) return undefined;
    throw new Error("the CBOR is malformed");
  }

  function chunks(major: number, length: number | undefined): Uint8Array {
    if (length !== undefined) {
      const start = take(length);
      return bytes.subarray(start, start + length);
    }
    const parts: Uint8Array[] = [];
    for (;;) {
      const head = view.getUint8(take(1));
      if (head === 0xff) return Buffer.concat(parts);
      const size = head >> 5 === major ? argument(head & 31) : undefined;
      if (size === undefined) throw new Error("the CBOR is malformed");
      parts.push(chunks(major, size));
    }
  }

  /** Items until there are as many as announced, or a break ends them. */
  function* items(count: number | undefined, level: number): Generator<unknown> {
    for (let i = 0; count === undefined || i < count; i++) {
      const value = item(level);
      if (value !== BREAK) yield value;
      else if (count === undefined) return;
      else throw new Error("the CBOR is malformed");
    }
  }

  function map(count: number | undefined, level: number): unknown {
    const flat = [...items(count === undefined ? undefined : count * 2, level)];
    if (flat.length % 2 !== 0) throw new Error("the CBOR is malformed");
    const pairs = flat.flatMap((key, i): [string, unknown][] =>
      i % 2 === 0 ? [[nameOf(key), flat[i + 1]]] : [],
    );
    return Object.fromEntries(pairs);
  }

  function simple(info: number): unknown {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22 || info === 23) return null;
    if (info === 25) return finite(view.getFloat16(take(2)));
    if (info === 26) return finite(view.getFloat32(take(4)));
    if (info === 27) return finite(view.getFloat64(take(8)));
    if (info === 31) return BREAK;
    throw new Error("the CBOR is malformed");
  }

  function item(level: number): unknown {
    if (level > MAX_LEVELS) throw new Error(`the CBOR nests more than ${MAX_LEVELS} levels deep`);
    const head = view.getUint8(take(1));
    const major = head >> 5;
    if (major === 7) return simple(head & 31);
    const length = argument(head & 31);
    if (major === 2) return Buffer.from(chunks(2, length)).toString("base64");
    if (major === 3) return Buffer.from(chunks(3, length)).toString();
    if (major === 4) return [...items(length, level + 1)];
    if (major === 5) return map(length, level + 1);
    if (length === undefined) throw new Error("the CBOR is malformed");
    // A tag says what its content means, which JSON can't.
    if (major === 6) return item(level + 1);
    return major === 0 ? length : -1 - length;
  }

  const value = item(0);
  if (value === BREAK || at !== bytes.byteLength) throw new Error("the CBOR is malformed");
  return value;
}

function nameOf(key: unknown): string {
  if (typeof key === "string" || typeof key === "number") return String(key);
  throw new Error("a key of the CBOR is neither text nor a number");
}

function finite(number: number): number {
  if (Number.isFinite(number)) return number;
  throw new Error(`the CBOR says ${number}, which JSON can't`);
}
