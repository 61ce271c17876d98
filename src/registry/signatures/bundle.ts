/** A signature as cosign stores it today: a Sigstore bundle (v0.3) with a signed in-toto statement about an image. */
import type { KeyObject } from "node:crypto";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { hintOf, isSignedBy, signBytes } from "./signature.ts";

export const BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
/** Says of the image that is the statement's subject: it is signed. */
export const SIGN_PREDICATE = "https://sigstore.dev/cosign/sign/v1";
const STATEMENT = "https://in-toto.io/Statement/v1";
const PAYLOAD_TYPE = "application/vnd.in-toto+json";

const Bundle = Type.Object({
  dsseEnvelope: Type.Object({
    payload: Type.String(),
    payloadType: Type.String(),
    signatures: Type.Array(Type.Object({ sig: Type.String() }), { maxItems: 16 }),
  }),
});
const bundleValidator = Compile(Bundle);

const Statement = Type.Object({
  _type: Type.String(),
  predicateType: Type.String(),
  subject: Type.Array(Type.Object({ digest: Type.Record(Type.String(), Type.String()) }), {
    maxItems: 1_000,
  }),
});
const statementValidator = Compile(Statement);

/** @param digest of the image's manifest, `sha256:…` */
export function createBundle(digest: string, key: KeyObject): string {
  const [algorithm = "", hex = ""] = digest.split(":");
  const statement = {
    _type: STATEMENT,
    subject: [{ digest: { [algorithm]: hex } }],
    predicateType: SIGN_PREDICATE,
    predicate: {},
  };
  const payload = Buffer.from(JSON.stringify(statement));
  const sig = signBytes(preAuthentication(PAYLOAD_TYPE, payload), key).toString("base64");
  return JSON.stringify({
    mediaType: BUNDLE_TYPE,
    verificationMaterial: { publicKey: { hint: hintOf(key) } },
    dsseEnvelope: {
      payload: payload.toString("base64"),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig }],
    },
  });
}

/** Why a bundle is no signature of the image by one of `keys`; undefined where it is. */
export function bundleFlaw(text: string, digest: string, keys: readonly KeyObject[]): string | undefined {
  const bundle = parse(text);
  if (!bundleValidator.Check(bundle)) return "it is no bundle with a signed statement";
  const { payload, payloadType, signatures } = bundle.dsseEnvelope;
  const bytes = Buffer.from(payload, "base64");
  const signed = preAuthentication(payloadType, bytes);
  const isTrusted = signatures.some(({ sig }) =>
    keys.some((key) => isSignedBy(signed, Buffer.from(sig, "base64"), key)),
  );
  if (!isTrusted) return "none of the trusted keys made it";
  const statement = parse(bytes.toString("utf8"));
  if (payloadType !== PAYLOAD_TYPE || !statementValidator.Check(statement))
    return "it is no in-toto statement";
  if (statement.predicateType !== SIGN_PREDICATE)
    return `it says ${statement.predicateType}, not that it is signed`;
  const [algorithm = "", hex] = digest.split(":");
  const isAbout = statement.subject.some((subject) => subject.digest[algorithm] === hex);
  return isAbout ? undefined : "it is about another image";
}

/** What is signed of a DSSE envelope: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md. */
function preAuthentication(type: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.byteLength} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
