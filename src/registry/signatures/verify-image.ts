/** Whether an image is signed by a key that is trusted. */
import type { KeyObject } from "node:crypto";
import { PropError } from "../../errors.ts";
import { endpointOf, type Mirrors } from "../client/endpoint.ts";
import { askManifestDigest } from "../client/pull.ts";
import type { AskRegistry } from "../client/request.ts";
import { formatReference, type Reference } from "../reference.ts";
import { findSignatures, signatureFlaws } from "./find-signatures.ts";

export interface VerifyOptions {
  ask: AskRegistry;
  mirrors: Mirrors;
  /** One of them is enough. */
  keys: readonly KeyObject[];
  signal: AbortSignal;
}

export interface VerifiedImage {
  /** Of the manifest that is signed: what the tag stood for when it was asked. */
  digest: string;
  /** How many signatures there are; not all of them need be good. */
  signatures: number;
}

/**
 * Checks the signatures of an image, in each form that cosign stores them in.
 * @throws PropError `SIGNATURE_MISSING`, `SIGNATURE_UNTRUSTED`, and those of `AskRegistry`
 */
export async function verifyImage(reference: Reference, options: VerifyOptions): Promise<VerifiedImage> {
  const { ask, mirrors, keys, signal } = options;
  const digest =
    reference.digest ?? (await askManifestDigest(reference, { ask, mirrors, signal, maxBytes: 0 }));
  const image = formatReference(reference);
  if (digest === undefined) {
    throw new PropError({
      code: "SIGNATURE_MISSING",
      message: `image ${image}: the registry doesn't say which digest the tag stands for, and a signature is of one`,
    });
  }
  const endpoint = endpointOf(reference.registry, mirrors);
  const { repository } = reference;
  const found = await findSignatures({ ask, endpoint, repository, image, digest, signal });
  const flaws = signatureFlaws(found, digest, keys);
  if (flaws === undefined) return { digest, signatures: found.length };
  if (flaws.length === 0) {
    throw new PropError({
      code: "SIGNATURE_MISSING",
      message: `image ${image} (${digest}) is not signed`,
      hint: `Sign it with: prop sign ${formatReference({ ...reference, digest })} --key prop.key`,
    });
  }
  throw new PropError({
    code: "SIGNATURE_UNTRUSTED",
    message: `image ${image} (${digest}) has ${flaws.length} signature${flaws.length === 1 ? "" : "s"}, none of them good: ${[...new Set(flaws)].join("; ")}`,
  });
}
