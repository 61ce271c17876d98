import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bundleFlaw, createBundle } from "./bundle.ts";
import { type StoredSignature, signatureFlaws } from "./find-signatures.ts";
import { createKeyPair, readPrivateKey, readPublicKey } from "./key-files.ts";
import { signBytes } from "./signature.ts";
import { simpleSigningFlaw } from "./simple-signing.ts";

const digestOfText = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const [digest, other] = [digestOfText("image"), digestOfText("another")];
const pairs = {
  ours: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  theirs: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ed25519: generateKeyPairSync("ed25519"),
};
const trusted = [pairs.ours.publicKey];

describe("a bundle", () => {
  test.each(["ours", "rsa", "ed25519"] as const)(
    "signed with %s is good for its image and its key alone",
    (name) => {
      const { privateKey, publicKey } = pairs[name];
      const bundle = createBundle(digest, privateKey);
      expect(bundleFlaw(bundle, digest, [pairs.theirs.publicKey, publicKey])).toBeUndefined();
      expect(bundleFlaw(bundle, other, [publicKey])).toBe("it is about another image");
      expect(bundleFlaw(bundle, digest, [pairs.theirs.publicKey])).toBe("none of the trusted keys made it");
      expect(bundleFlaw(bundle, digest, [])).toBe("none of the trusted keys made it");
    },
  );

  test("with a statement that somebody changed is none of ours", () => {
    const bundle = JSON.parse(createBundle(digest, pairs.ours.privateKey));
    const statement = Buffer.from(bundle.dsseEnvelope.payload, "base64").toString();
    const changed = statement.replace(digest.slice(7), other.slice(7));
    bundle.dsseEnvelope.payload = Buffer.from(changed).toString("base64");
    expect(bundleFlaw(JSON.stringify(bundle), other, trusted)).toBe("none of the trusted keys made it");
  });

  test("that states something else about the image is no signature of it", () => {
    const statement = {
      _type: "https://in-toto.io/Statement/v1",
      predicateType: "https://slsa.dev/provenance/v1",
    };
    const payload = JSON.stringify({ ...statement, subject: [{ digest: { sha256: digest.slice(7) } }] });
    const type = "application/vnd.in-toto+json";
    const signed = `DSSEv1 ${type.length} ${type} ${payload.length} ${payload}`;
    const envelope = {
      payload: Buffer.from(payload).toString("base64"),
      payloadType: type,
      signatures: [{ sig: signBytes(Buffer.from(signed), pairs.ours.privateKey).toString("base64") }],
    };
    expect(bundleFlaw(JSON.stringify({ dsseEnvelope: envelope }), digest, trusted)).toContain(
      "not that it is signed",
    );
  });

  test("of any other form is refused, whatever it is", () => {
    fc.assert(fc.property(fc.json(), (text) => bundleFlaw(text, digest, trusted) !== undefined));
    expect(bundleFlaw("{", digest, trusted)).toBe("it is no bundle with a signed statement");
  });
});

const document = (image: string, type = "cosign container image signature") =>
  Buffer.from(
    JSON.stringify({ critical: { identity: {}, image: { "docker-manifest-digest": image }, type } }),
  );
const signed = (payload: Buffer) => signBytes(payload, pairs.ours.privateKey).toString("base64");

test("a document of simple signing is good for its image and its key alone", () => {
  const good = document(digest);
  expect(simpleSigningFlaw(good, signed(good), { digest, keys: trusted })).toBeUndefined();
  expect(simpleSigningFlaw(good, signed(good), { digest: other, keys: trusted })).toContain("another image");
  expect(simpleSigningFlaw(document(other), signed(good), { digest: other, keys: trusted })).toContain(
    "trusted keys",
  );
  const foreign = document(digest, "atomic container signature");
  expect(simpleSigningFlaw(foreign, signed(foreign), { digest, keys: trusted })).toContain("no document");
});

test("one good signature among bad ones is enough, and without one each says why", () => {
  const bad: StoredSignature = { form: "bundle", text: createBundle(digest, pairs.theirs.privateKey) };
  const good: StoredSignature = { form: "bundle", text: createBundle(digest, pairs.ours.privateKey) };
  expect(signatureFlaws([bad, good], digest, trusted)).toBeUndefined();
  expect(signatureFlaws([bad, bad], digest, trusted)).toHaveLength(2);
  expect(signatureFlaws([], digest, trusted)).toEqual([]);
});

describe("a key pair in files", () => {
  const files = createKeyPair("open sesame");

  test("is read back with its password, and the two belong together", async () => {
    const key = await readPrivateKey(files.privateKey, "prop.key", async () => "open sesame");
    const bundle = createBundle(digest, key);
    expect(bundleFlaw(bundle, digest, [readPublicKey(files.publicKey, "prop.pub")])).toBeUndefined();
  });

  test("doesn't open with another password", async () => {
    await expect(readPrivateKey(files.privateKey, "prop.key", async () => "x")).rejects.toMatchObject({
      code: "KEY_PASSWORD_WRONG",
      message: expect.stringContaining("prop.key: "),
    });
  });

  test("may be plain PEM, and then nobody is asked for a password", async () => {
    const pem = pairs.rsa.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const key = await readPrivateKey(pem, "rsa.pem", () => Promise.reject(new Error("asked")));
    expect(createPublicKey(key).equals(pairs.rsa.publicKey)).toBe(true);
  });

  test.each([
    "",
    "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----",
  ])("that is %j is refused by its name", async (text) => {
    await expect(readPrivateKey(text, "a.key", async () => "")).rejects.toMatchObject({
      code: "KEY_INVALID",
      message: expect.stringContaining("a.key"),
    });
  });

  test("is not taken the wrong way round", () => {
    const pem = pairs.rsa.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    expect(() => readPublicKey(pem, "a.pub")).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
    expect(() => readPublicKey("x", "a.pub")).toThrow("a.pub is not a public key in PEM");
  });
});
