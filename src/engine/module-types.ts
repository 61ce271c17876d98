/** Reads the types of a WebAssembly module: values, functions, and the forms of the GC proposal. */
import { PropError } from "../errors.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ValueType } from "./engine.ts";

export interface FunctionType {
  parameters: ValueType[];
  results: ValueType[];
}

const numbers: Record<number, ValueType> = { 127: "i32", 126: "i64", 125: "f32", 124: "f64", 123: "v128" };
const refNull = 0x63;
const ref = 0x64;
const lowestReference = 0x68;
const funcReferences = new Set([0x70, 0x73]);

/** A reference that is no plain `funcref` counts as `externref`: neither can be given or shown as text. */
export function readValueType(reader: ByteReader): ValueType {
  const code = reader.byte();
  const number = numbers[code];
  if (number !== undefined) return number;
  if (code === refNull || code === ref) {
    reader.skipSigned();
    return "externref";
  }
  if (code >= lowestReference && code <= 0x74) return funcReferences.has(code) ? "funcref" : "externref";
  throw unsupported(`value type 0x${code.toString(16)}`);
}

/** @returns the error for a module that uses something this engine does not know. */
export function unsupported(what: string): PropError {
  return new PropError({
    code: "MODULE_UNSUPPORTED",
    message: `the WebAssembly module uses ${what}, which this engine does not know`,
    hint: "Build it without experimental WebAssembly features.",
  });
}

function readFunctionType(reader: ByteReader): FunctionType {
  const type: FunctionType = { parameters: [], results: [] };
  reader.vector(() => type.parameters.push(readValueType(reader)));
  reader.vector(() => type.results.push(readValueType(reader)));
  return type;
}

function skipField(reader: ByteReader): void {
  const code = reader.bytes[reader.offset];
  if (code === 0x78 || code === 0x77) reader.skip(1);
  else readValueType(reader);
  reader.skip(1);
}

/** One subtype: a function's type, or undefined for a structure or array. */
function readSubtype(reader: ByteReader): FunctionType | undefined {
  let form = reader.byte();
  if (form === 0x50 || form === 0x4f) {
    reader.vector(() => reader.unsigned());
    form = reader.byte();
  }
  if (form === 0x60) return readFunctionType(reader);
  if (form === 0x5f) reader.vector(() => skipField(reader));
  else if (form === 0x5e) skipField(reader);
  else throw unsupported(`type form 0x${form.toString(16)}`);
  return undefined;
}

/** Reads the type section; a type that is no function leaves a gap, so that indexes hold. */
export function readTypes(reader: ByteReader): (FunctionType | undefined)[] {
  const types: (FunctionType | undefined)[] = [];
  reader.vector(() => {
    if (reader.bytes[reader.offset] !== 0x4e) {
      types.push(readSubtype(reader));
      return;
    }
    reader.skip(1);
    reader.vector(() => types.push(readSubtype(reader)));
  });
  return types;
}
