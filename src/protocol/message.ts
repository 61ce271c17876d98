/** How a payload becomes a typed message: parsed once, here, and trusted from then on. */
import { isUtf8 } from "node:buffer";
import Type, { type Static, type TObject, type TProperties } from "typebox";
import { Compile } from "typebox/compile";

export type Decoded<T> = { ok: true; message: T } | { ok: false; reason: string };
export type Decoder<T> = (payload: Uint8Array) => Decoded<T>;

interface ObjectSchema {
  properties?: Record<string, ObjectSchema>;
  required?: readonly string[];
}

/** A message of the contract. Fields it doesn't name pass through; `null` in an optional field means absent. */
export function message<P extends TProperties>(properties: P): TObject<P> {
  return Type.Object(properties);
}

/** A decoder for `schema`; `name` opens the reason it gives for a refusal. It never throws. */
export function decoderOf<S extends TObject>(name: string, schema: S): Decoder<Static<S>> {
  const validator = Compile(schema);
  return (payload) => {
    const parsed = parseJson(payload);
    if (!parsed.ok) return { ok: false, reason: `${name}: ${parsed.reason}` };
    const value = parsed.message;
    dropNulls(value, schema);
    if (validator.Check(value)) return { ok: true, message: value as Static<S> };
    const [first] = validator.Errors(value);
    const field = first?.instancePath.slice(1).replaceAll("/", ".");
    return { ok: false, reason: `${name}: ${field ? `${field} ` : ""}${first?.message ?? "is malformed"}` };
  };
}

/** A message as it goes over the wire. */
export function encode(value: object): string {
  return JSON.stringify(value);
}

function parseJson(payload: Uint8Array): Decoded<unknown> {
  if (!isUtf8(payload)) return { ok: false, reason: "the payload is not UTF-8" };
  try {
    const buffer = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    return { ok: true, message: JSON.parse(buffer.toString()) };
  } catch {
    return { ok: false, reason: "the payload is not JSON" };
  }
}

/** Go and Rust peers write null for what they don't have. */
function dropNulls(value: unknown, schema: ObjectSchema): void {
  if (value === null || typeof value !== "object" || schema.properties === undefined) return;
  const fields = value as Record<string, unknown>;
  for (const key of Object.keys(schema.properties)) {
    const field = fields[key];
    if (field === null && !schema.required?.includes(key)) delete fields[key];
    else if (typeof field === "object") dropNulls(field, schema.properties[key] ?? {});
  }
}
