/** Finds the signatures of an image where cosign keeps them: among its referrers, and under a tag made of its digest. */
import type { KeyObject } from "node:crypto";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { PropError } from "../../errors.ts";
import type { Endpoint } from "../client/endpoint.ts";
import type { AskRegistry } from "../client/request.ts";
import { digestOf } from "../digest.ts";
import { MANIFEST_TYPES } from "../manifest.ts";
import { BUNDLE_TYPE, bundleFlaw } from "./bundle.ts";
import { SIGNATURE_ANNOTATION, SIMPLE_SIGNING_TYPE, simpleSigningFlaw } from "./simple-signing.ts";

export interface SignedImage {
  ask: AskRegistry;
  endpoint: Endpoint;
  repository: string;
  /** Of whom messages speak. */
  image: string;
  /** Of the image's manifest. */
  digest: string;
  signal: AbortSignal;
}

export type StoredSignature =
  | { form: "bundle"; text: string }
  | { form: "simple"; payload: Uint8Array; signature: string };

/** Whoever may write to a repository may add to these: past so many nobody looks. */
const MOST_SIGNATURES = 50;
const MANIFEST_BYTES = 4 * 1_048_576;
const SIGNATURE_BYTES = 1_048_576;

const Descriptor = Type.Object({
  digest: Type.String(),
  mediaType: Type.Optional(Type.String()),
  artifactType: Type.Optional(Type.String()),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
});
const indexValidator = Compile(Type.Object({ manifests: Type.Array(Descriptor) }));
const manifestValidator = Compile(
  Type.Object({
    layers: Type.Array(Descriptor),
    subject: Type.Optional(Type.Object({ digest: Type.String() })),
  }),
);

/** @throws PropError those of `AskRegistry`, but that there is none */
export async function findSignatures(image: SignedImage): Promise<StoredSignature[]> {
  const [bundles, simple] = await Promise.all([findBundles(image), findSimple(image)]);
  return [...bundles, ...simple];
}

/** Why none of the signatures makes the image trusted, one reason for each; undefined where one does. */
export function signatureFlaws(
  signatures: readonly StoredSignature[],
  digest: string,
  keys: readonly KeyObject[],
): string[] | undefined {
  const flaws: string[] = [];
  for (const stored of signatures) {
    const flaw =
      stored.form === "bundle"
        ? bundleFlaw(stored.text, digest, keys)
        : simpleSigningFlaw(stored.payload, stored.signature, { digest, keys });
    if (flaw === undefined) return undefined;
    flaws.push(flaw);
  }
  return flaws;
}

async function findBundles(image: SignedImage): Promise<StoredSignature[]> {
  const type = encodeURIComponent(BUNDLE_TYPE);
  const index =
    (await fetchJson(image, `referrers/${image.digest}?artifactType=${type}`)) ??
    (await fetchJson(image, `manifests/${tagOf(image.digest)}`));
  if (!indexValidator.Check(index)) return [];
  // A registry need not filter, and cosign 2 left the type to the config.
  const referrers = index.manifests.filter(({ artifactType = BUNDLE_TYPE }) => artifactType === BUNDLE_TYPE);
  const found = await Promise.all(
    referrers.slice(0, MOST_SIGNATURES).map(({ digest }) => bundleIn(image, digest)),
  );
  return found.flat();
}

async function bundleIn(image: SignedImage, referrer: string): Promise<StoredSignature[]> {
  const manifest = await fetchJson(image, `manifests/${referrer}`);
  if (!manifestValidator.Check(manifest) || manifest.subject?.digest !== image.digest) return [];
  const [layer] = manifest.layers;
  if (layer?.mediaType !== BUNDLE_TYPE) return [];
  const bytes = await fetchBlob(image, layer.digest);
  return bytes === undefined ? [] : [{ form: "bundle", text: Buffer.from(bytes).toString("utf8") }];
}

async function findSimple(image: SignedImage): Promise<StoredSignature[]> {
  const manifest = await fetchJson(image, `manifests/${tagOf(image.digest)}.sig`);
  if (!manifestValidator.Check(manifest)) return [];
  const layers = manifest.layers.filter(({ mediaType }) => mediaType === SIMPLE_SIGNING_TYPE);
  const found = await Promise.all(
    layers.slice(0, MOST_SIGNATURES).map(async ({ digest, annotations }): Promise<StoredSignature[]> => {
      const payload = await fetchBlob(image, digest);
      const signature = annotations?.[SIGNATURE_ANNOTATION];
      return payload === undefined || signature === undefined ? [] : [{ form: "simple", payload, signature }];
    }),
  );
  return found.flat();
}

/** `sha256-…`: the tag of the referrers of an image where a registry doesn't list them (distribution spec, Referrers Tag Schema). */
function tagOf(digest: string): string {
  return digest.replace(":", "-");
}

async function fetchJson(image: SignedImage, path: string): Promise<unknown> {
  const accept = `application/vnd.oci.image.index.v1+json, ${MANIFEST_TYPES}`;
  const bytes = await fetchKnown(image, { path, accept, maxBytes: MANIFEST_BYTES });
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** What is not what its digest says is not there. */
async function fetchBlob(image: SignedImage, digest: string): Promise<Uint8Array | undefined> {
  const bytes = await fetchKnown(image, { path: `blobs/${digest}`, maxBytes: SIGNATURE_BYTES });
  return bytes !== undefined && digestOf(bytes) === digest ? bytes : undefined;
}

async function fetchKnown(
  { ask, endpoint, repository, image, signal }: SignedImage,
  what: { path: string; accept?: string; maxBytes: number },
): Promise<Uint8Array | undefined> {
  try {
    return (await ask({ endpoint, repository, image, signal, ...what })).bytes;
  } catch (error) {
    if (error instanceof PropError && (error.code === "IMAGE_NOT_FOUND" || error.code === "IMAGE_TOO_LARGE"))
      return undefined;
    throw error;
  }
}
