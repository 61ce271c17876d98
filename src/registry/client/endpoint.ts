/** Where a registry is reached: at its own host, or at the mirror that stands in its place. */
import { isIP } from "node:net";
import { PropError } from "../../errors.ts";

/** Registries by name, each with the origin that is asked in its place. */
export type Mirrors = ReadonlyMap<string, URL>;

export interface Endpoint {
  /** As the reference names it. */
  registry: string;
  /** Scheme, host and port of the server that is asked. */
  origin: string;
}

/** Docker Hub answers at another name than it has. */
const REAL_HOSTS: Readonly<Record<string, string>> = {
  "docker.io": "registry-1.docker.io",
  "index.docker.io": "registry-1.docker.io",
};

/**
 * Reads entries like `registry.example.com=http://127.0.0.1:5000`.
 * @throws PropError `MIRROR_INVALID` that names the entry
 */
export function parseMirrors(entries: readonly string[]): Mirrors {
  const mirrors = new Map<string, URL>();
  for (const entry of entries) {
    const cut = entry.indexOf("=");
    const registry = entry.slice(0, Math.max(0, cut)).trim();
    const url = URL.parse(entry.slice(cut + 1).trim());
    if (registry === "") throw invalidMirror(entry, "it has no registry before a =");
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw invalidMirror(entry, "what follows the = is no http or https URL");
    }
    if (url.pathname !== "/" || url.search !== "" || url.username !== "") {
      throw invalidMirror(entry, "its URL may have a scheme, a host and a port");
    }
    mirrors.set(registry, url);
  }
  return mirrors;
}

/** The server for a registry. Only one on this machine, or a mirror that says so, is spoken to without TLS. */
export function endpointOf(registry: string, mirrors: Mirrors): Endpoint {
  const mirror = mirrors.get(registry);
  if (mirror !== undefined) return { registry, origin: mirror.origin };
  const host = REAL_HOSTS[registry] ?? registry;
  const https = new URL(`https://${host}`);
  return { registry, origin: isLoopback(https.hostname) ? new URL(`http://${host}`).origin : https.origin };
}

/** How a message names it. */
export function endpointText({ registry, origin }: Endpoint): string {
  const { host } = new URL(origin);
  return host === registry || host === REAL_HOSTS[registry] ? registry : `${registry} (mirror ${origin})`;
}

/** Whether a host is this machine. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || (isIP(bare) === 4 && bare.startsWith("127."));
}

function invalidMirror(entry: string, reason: string): PropError {
  return new PropError({
    code: "MIRROR_INVALID",
    message: `registry mirror ${JSON.stringify(entry)}: ${reason}`,
    hint: "Write it like registry.example.com=http://127.0.0.1:5000",
    exitCode: 2,
  });
}
