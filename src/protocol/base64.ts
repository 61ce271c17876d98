/** Standard base64, strictly: Buffer's own decoder takes anything. */

const alphabet = /^[A-Za-z0-9+/]*={0,2}$/;

/** The bytes of standard, padded base64, or undefined where `text` is not that. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !alphabet.test(text)) return undefined;
  return Buffer.from(text, "base64");
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
