/** How this process reaches registries: through which proxies, and whose certificates it trusts besides. */
import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as tls from "node:tls";
import { messageOf, PropError } from "../../errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A registry here is never asked through a proxy elsewhere. */
const OWN_HOSTS = "localhost,127.0.0.1,[::1]";

/**
 * Has every request of this process follow `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or small letters. Node
 * does so by itself with `NODE_USE_ENV_PROXY=1`, where it is too old for this.
 */
export function useProxies(env: Environment): void {
  const read = (name: string) => env[name.toLowerCase()] || env[name];
  const [https, plain, none] = [read("HTTPS_PROXY"), read("HTTP_PROXY"), read("NO_PROXY")];
  if (!https && !plain) return;
  http.setGlobalProxyFromEnv?.({
    ...(https ? { https_proxy: https } : {}),
    ...(plain ? { http_proxy: plain } : {}),
    no_proxy: none ? `${none},${OWN_HOSTS}` : OWN_HOSTS,
  });
}

/**
 * Trusts the certificates in these PEM files besides those that Node trusts (with `NODE_EXTRA_CA_CERTS` among them).
 * @throws PropError `CA_FILE_INVALID`
 */
export function trustCertificates(files: readonly string[]): void {
  if (files.length === 0) return;
  const certificates = files.map(readCertificates);
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), ...certificates]);
}

function readCertificates(file: string): string {
  try {
    const pem = readFileSync(file, "utf8");
    if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw new Error("there is no certificate in it");
    return pem;
  } catch (cause) {
    throw new PropError({
      code: "CA_FILE_INVALID",
      message: `certificates of ${file} can't be used: ${messageOf(cause)}`,
      hint: "Name a file of certificates in PEM.",
      exitCode: 2,
      cause,
    });
  }
}
