/** Signs an image as cosign does, and stores the signature beside it. */
import type { KeyObject } from "node:crypto";
import { endpointOf } from "../client/endpoint.ts";
import type { PushOptions } from "../client/push.ts";
import { pushReferrer } from "../client/referrer.ts";
import { digestOf } from "../digest.ts";
import { MANIFEST_TYPES } from "../manifest.ts";
import { formatReference, type Reference } from "../reference.ts";
import { BUNDLE_TYPE, createBundle, SIGN_PREDICATE } from "./bundle.ts";

export interface SignedDigest {
  /** Of the manifest that was signed. */
  digest: string;
  /** Of the manifest of the signature. */
  signature: string;
}

const MANIFEST_BYTES = 4 * 1_048_576;

/** @throws PropError `IMAGE_NOT_FOUND` and those of `AskRegistry` and `pushReferrer` */
export async function signImage(
  reference: Reference,
  { key, now, ...options }: PushOptions & { key: KeyObject; now: Date },
): Promise<SignedDigest> {
  const { ask, mirrors, signal } = options;
  const { registry, repository, tag = "latest" } = reference;
  const { headers, bytes } = await ask({
    endpoint: endpointOf(registry, mirrors),
    repository,
    image: formatReference(reference),
    signal,
    path: `manifests/${reference.digest ?? tag}`,
    accept: MANIFEST_TYPES,
    maxBytes: MANIFEST_BYTES,
  });
  // What is signed is what came, not what the registry says of it.
  const digest = digestOf(bytes);
  const mediaType = headers.get("content-type") ?? "application/vnd.oci.image.manifest.v1+json";
  const signature = await pushReferrer(
    { registry, repository },
    {
      artifactType: BUNDLE_TYPE,
      subject: { mediaType, digest, size: bytes.byteLength },
      content: Buffer.from(createBundle(digest, key)),
      annotations: {
        "org.opencontainers.image.created": now.toISOString(),
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": SIGN_PREDICATE,
      },
    },
    options,
  );
  return { digest, signature };
}
