/** Where the file of a digest lies, and nothing but a digest becomes a path. */
import { join } from "node:path";

export const ALGORITHMS = ["sha256", "sha512"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export interface Digest {
  algorithm: Algorithm;
  hex: string;
}

const HEX_LENGTHS = { sha256: 64, sha512: 128 } as const;

/** Reads `sha256:…` or `sha512:…` (image spec 1.1, "Digests"); undefined where the text is neither. */
export function parseDigest(text: string): Digest | undefined {
  for (const algorithm of ALGORITHMS) {
    const hex = text.startsWith(`${algorithm}:`) ? text.slice(algorithm.length + 1) : undefined;
    if (hex !== undefined && isHexOf(algorithm, hex)) return { algorithm, hex };
  }
  return undefined;
}

/** Whether a file's name in the folder of an algorithm is a digest's; what is being written is not. */
export function isHexOf(algorithm: Algorithm, name: string): boolean {
  return name.length === HEX_LENGTHS[algorithm] && /^[0-9a-f]+$/.test(name);
}

/** The file of a digest in a store; undefined where the text is no digest. */
export function blobPath(dir: string, digest: string): string | undefined {
  const parsed = parseDigest(digest);
  return parsed && join(dir, parsed.algorithm, parsed.hex);
}
