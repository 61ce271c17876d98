/** The certificates of a TLS connection, read from the files that name them. */
import { readFile } from "node:fs/promises";
import { messageOf, PropError } from "../errors.ts";

export interface TlsFiles {
  /** Trusts these authorities in place of the system's. */
  caCertPath?: string;
  /** With `clientKeyPath`: what this client shows of itself (mTLS). */
  clientCertPath?: string;
  clientKeyPath?: string;
}

export interface TlsMaterial {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

/** @throws PropError `TLS_FILE_UNREADABLE`, `TLS_FILES_INCOMPLETE` */
export async function readTlsFiles(files: TlsFiles): Promise<TlsMaterial> {
  if ((files.clientCertPath === undefined) !== (files.clientKeyPath === undefined)) {
    throw new PropError({
      code: "TLS_FILES_INCOMPLETE",
      message: `a client ${files.clientCertPath ? "certificate" : "key"} was given without its ${files.clientCertPath ? "key" : "certificate"}`,
      hint: "give both, or none of the two",
      exitCode: 2,
    });
  }
  const [ca, cert, key] = await Promise.all([
    read(files.caCertPath, "CA certificate"),
    read(files.clientCertPath, "client certificate"),
    read(files.clientKeyPath, "client key"),
  ]);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

async function read(path: string | undefined, what: string): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (cause) {
    throw new PropError({
      code: "TLS_FILE_UNREADABLE",
      message: `cannot read the ${what}: ${messageOf(cause)}`,
      hint: "check the path and who may read the file",
      cause,
    });
  }
}
