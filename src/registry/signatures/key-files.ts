/** Key pairs in files as cosign writes them: a private key encrypted with a password, a public key in PEM. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scryptSync,
} from "node:crypto";
import { writeFile } from "node:fs/promises";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { PropError, systemCode } from "../../errors.ts";

/** What stands in the PEM: the format of securesystemslib, base64 of JSON. */
const Sealed = Type.Object({
  kdf: Type.Object({
    name: Type.Literal("scrypt"),
    params: Type.Object({
      N: Type.Integer({ minimum: 2, maximum: 1_048_576 }),
      r: Type.Integer({ minimum: 1, maximum: 32 }),
      p: Type.Integer({ minimum: 1, maximum: 16 }),
    }),
    salt: Type.String({ maxLength: 1024 }),
  }),
  cipher: Type.Object({ name: Type.Literal("nacl/secretbox"), nonce: Type.String({ maxLength: 64 }) }),
  ciphertext: Type.String({ maxLength: 65_536 }),
});
type Sealed = Static<typeof Sealed>;
const sealedValidator = Compile(Sealed);

const LABEL = "ENCRYPTED SIGSTORE PRIVATE KEY";
/** The second is what cosign wrote before its second version. */
const pemPattern =
  /-----BEGIN (ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY)-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----/;
/** 64 MiB and a tenth of a second for each guess at the password. */
const SCRYPT = { N: 65_536, r: 8, p: 1 };
const MOST_MEMORY_BYTES = 256 * 1_048_576;

export interface KeyPairFiles {
  /** PEM, encrypted with the password. */
  privateKey: string;
  /** PEM (SPKI). */
  publicKey: string;
}

/** A new ECDSA key on P-256, as files. */
export function createKeyPair(password: string): KeyPairFiles {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  return {
    privateKey: seal(der, password),
    publicKey: publicKey.export({ format: "pem", type: "spki" }).toString(),
  };
}

/**
 * Writes `<prefix>.key`, which only its owner may read, and `<prefix>.pub`. Neither replaces another.
 * @throws PropError `KEY_EXISTS`
 */
export async function writeKeyPair(prefix: string, files: KeyPairFiles): Promise<KeyPairFiles> {
  const names = { privateKey: `${prefix}.key`, publicKey: `${prefix}.pub` };
  await writeNew(names.privateKey, files.privateKey, 0o600);
  await writeNew(names.publicKey, files.publicKey, 0o644);
  return names;
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(path, text, { mode, flag: "wx" });
  } catch (cause) {
    if (systemCode(cause) !== "EEXIST") throw cause;
    throw new PropError({
      code: "KEY_EXISTS",
      message: `${path} is there already, and what it signed is checked with it`,
      hint: "Choose other names with --prefix.",
      exitCode: 2,
      cause,
    });
  }
}

/**
 * Reads a private key: one that cosign encrypted, or plain PEM (PKCS #8, EC, RSA).
 * @param password asked for only where the key is encrypted
 * @throws PropError `KEY_INVALID`, `KEY_PASSWORD_WRONG`
 */
export async function readPrivateKey(
  text: string,
  file: string,
  password: () => Promise<string>,
): Promise<KeyObject> {
  const [, , body] = pemPattern.exec(text) ?? [];
  try {
    if (body === undefined) return createPrivateKey(text);
    const der = open(body, await password());
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } catch (cause) {
    if (cause instanceof PropError) throw withFile(cause, file);
    throw invalid(file, "a private key in PEM", cause);
  }
}

/** Reads a public key in PEM. @throws PropError `KEY_INVALID` */
export function readPublicKey(text: string, file: string): KeyObject {
  try {
    if (text.includes("PRIVATE KEY")) throw new Error("it is a private key");
    return createPublicKey(text);
  } catch (cause) {
    throw invalid(file, "a public key in PEM", cause);
  }
}

function seal(der: Uint8Array, password: string): string {
  const [salt, nonce] = [randomBytes(32), randomBytes(24)];
  const sealed: Sealed = {
    kdf: { name: "scrypt", params: SCRYPT, salt: salt.toString("base64") },
    cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
    ciphertext: Buffer.from(xsalsa20poly1305(deriveKey(password, salt, SCRYPT), nonce).encrypt(der)).toString(
      "base64",
    ),
  };
  const lines =
    Buffer.from(JSON.stringify(sealed))
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${LABEL}-----`, ...lines, `-----END ${LABEL}-----`, ""].join("\n");
}

function open(body: string, password: string): Buffer {
  const sealed: unknown = JSON.parse(Buffer.from(body, "base64").toString("utf8"));
  if (!sealedValidator.Check(sealed)) throw new Error("what it encrypts is of an unknown form");
  const { kdf, cipher, ciphertext } = sealed;
  const key = deriveKey(password, Buffer.from(kdf.salt, "base64"), kdf.params);
  const nonce = Buffer.from(cipher.nonce, "base64");
  try {
    return Buffer.from(xsalsa20poly1305(key, nonce).decrypt(Buffer.from(ciphertext, "base64")));
  } catch (cause) {
    throw new PropError({
      code: "KEY_PASSWORD_WRONG",
      message: "the password doesn't open the private key",
      hint: "Set PROP_KEY_PASSWORD, or give it on stdin with --password-stdin.",
      cause,
    });
  }
}

function deriveKey(password: string, salt: Uint8Array, { N, r, p }: Sealed["kdf"]["params"]): Uint8Array {
  return scryptSync(password, salt, 32, { N, r, p, maxmem: MOST_MEMORY_BYTES });
}

function withFile({ code, message, hint, cause }: PropError, file: string): PropError {
  return new PropError({
    code,
    message: `${file}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

function invalid(file: string, what: string, cause: unknown): PropError {
  return new PropError({
    code: "KEY_INVALID",
    message: `${file} is not ${what}`,
    hint: "Make a pair with: prop keygen",
    cause,
  });
}
