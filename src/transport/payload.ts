/** Payloads as both MQTT libraries want them. */

/** The bytes of a payload as a Buffer; bytes are not copied. */
export function toBuffer(payload: string | Uint8Array): Buffer {
  if (typeof payload === "string") return Buffer.from(payload);
  if (Buffer.isBuffer(payload)) return payload;
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}
