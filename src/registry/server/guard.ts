/** Who may ask a registry: pages in a browser not at all, others with the password that a file has for them. */
import { BlockList, isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Credentials } from "./htpasswd.ts";
import { Refusal } from "./refusal.ts";

export interface GuardOptions {
  host: string;
  credentials?: Credentials;
  readOnly: boolean;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an address is this machine's alone. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, "");
  const family = isIP(address);
  if (family === 0) return address === "localhost";
  return loopback.check(address, family === 4 ? "ipv4" : "ipv6");
}

export function addGuard(app: FastifyInstance, { host, credentials, readOnly }: GuardOptions): void {
  app.addHook("onRequest", async ({ method, headers }) => {
    checkPage(headers.origin);
    // A page may have a name of its own point here (DNS rebinding).
    if (isLoopback(host) && credentials === undefined) checkHost(headers.host);
    if (credentials !== undefined && !(await credentials.check(headers.authorization))) throw unauthorized();
    if (readOnly && method !== "GET" && method !== "HEAD") {
      throw new Refusal({ code: "UNSUPPORTED", message: "this registry is read-only" });
    }
  });
}

/** Only browsers send an Origin, and no page has business here. */
function checkPage(origin: string | undefined): void {
  if (origin !== undefined) throw new Refusal({ code: "DENIED", message: "pages may not use this registry" });
}

function checkHost(header: string | undefined): void {
  const name = (header ?? "").toLowerCase().replace(/:\d+$/, "");
  if (isLoopback(name)) return;
  throw new Refusal({ code: "DENIED", message: `the host ${JSON.stringify(name)} is not this machine` });
}

function unauthorized(): Refusal {
  return new Refusal({
    code: "UNAUTHORIZED",
    message: "a user and a password are needed",
    headers: { "www-authenticate": 'Basic realm="prop registry", charset="UTF-8"' },
  });
}
