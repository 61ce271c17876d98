/** The flags of commands that ask registries, and what they make. */
import { Flags } from "@oclif/core";
import { mirrorEntries, registryFlags } from "../config/registry-flags.ts";
import { trustCertificates, useProxies } from "../registry/client/network.ts";
import { openUserClient, type RegistryClient } from "../registry/client/open-client.ts";

export const registryClientFlags = {
  ...registryFlags,
  "plain-http": Flags.boolean({
    description: "Speak to the registry without TLS, also where it is on another machine.",
    helpGroup: "REGISTRY",
  }),
  "ca-file": Flags.string({
    description: "Trust the certificates in this file too (default: SSL_CERT_FILE).",
    helpGroup: "REGISTRY",
  }),
};

/** From here on the process goes through the proxies of its environment. @throws PropError `MIRROR_INVALID`, `CONFIG_INVALID`, `CA_FILE_INVALID` */
export function registryClientOf(
  flags: { "registry-mirror"?: string[] | undefined; "plain-http"?: boolean; "ca-file"?: string | undefined },
  registries: readonly string[],
): RegistryClient {
  const { SSL_CERT_FILE: certificates } = process.env;
  const caFile = flags["ca-file"] ?? certificates;
  trustCertificates(caFile ? [caFile] : []);
  useProxies(process.env);
  const plain = flags["plain-http"] ? registries.map((registry) => `${registry}=http://${registry}`) : [];
  return openUserClient([...plain, ...mirrorEntries(flags["registry-mirror"], process.env)], process.env);
}
