/** A `fetch` for references that strangers write: it speaks to public servers, and to those inside that are named. */
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { PropError } from "../../errors.ts";

export interface GuardOptions {
  /** Hosts that are asked wherever they are, like `registry.internal` or `10.0.0.5:5000`; without a port, at all of them. */
  allowed: readonly string[];
  fetch?: typeof fetch;
  /** The addresses of a host. */
  resolve?: (host: string) => Promise<string[]>;
}

/** This machine, networks of its own, link-local addresses (metadata services of clouds), and what is no single server. */
const inside = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  inside.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  ["::", 127],
  ["64:ff9b::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  inside.addSubnet(network, bits, "ipv6");
}

/**
 * Each hop of a redirect and each login is a call of its own, and so looked at too. A name that turns to another address
 * between the look and the call meets TLS there: no server inside has its certificate.
 *
 * @throws PropError `REGISTRY_NOT_ALLOWED` (of the function it returns) for a host inside that isn't named
 */
export function guardedFetch({
  allowed,
  fetch: send = fetch,
  resolve = addressesOf,
}: GuardOptions): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!isNamed(url, allowed) && (await isInside(url, resolve))) throw notAllowed(url);
    return send(input, init);
  };
}

/** The port is part of what is named only where it is written. */
function isNamed({ hostname, port, protocol }: URL, allowed: readonly string[]): boolean {
  const withPort = `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
  return allowed.some((entry) => [hostname, withPort].includes(entry.toLowerCase()));
}

async function isInside({ hostname }: URL, resolve: (host: string) => Promise<string[]>): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  return addresses.some((address) => inside.check(address, isIP(address) === 6 ? "ipv6" : "ipv4"));
}

async function addressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

function notAllowed({ host }: URL): PropError {
  return new PropError({
    code: "REGISTRY_NOT_ALLOWED",
    message: `${host} is not asked: it is this machine, or in a network of its own`,
    hint: `Where its images are wanted, start the manager with --registry-allow ${host}`,
  });
}
