/** A signature as cosign stored it before bundles: a small JSON document that names an image, and its signature beside it. */
import type { KeyObject } from "node:crypto";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { isSignedBy } from "./signature.ts";

export const SIMPLE_SIGNING_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
/** Annotation of the layer that has the document. */
export const SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature";

const Payload = Type.Object({
  critical: Type.Object({
    image: Type.Object({ "docker-manifest-digest": Type.String() }),
    type: Type.Literal("cosign container image signature"),
  }),
});
const validator = Compile(Payload);

/**
 * Why a document is no signature of the image by one of `keys`; undefined where it is.
 * @param signature in base64
 */
export function simpleSigningFlaw(
  payload: Uint8Array,
  signature: string,
  { digest, keys }: { digest: string; keys: readonly KeyObject[] },
): string | undefined {
  const bytes = Buffer.from(signature, "base64");
  if (!keys.some((key) => isSignedBy(payload, bytes, key))) return "none of the trusted keys made it";
  const document = parse(payload);
  if (!validator.Check(document)) return "it is no document of cosign's";
  return document.critical.image["docker-manifest-digest"] === digest
    ? undefined
    : "it is about another image";
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return undefined;
  }
}
