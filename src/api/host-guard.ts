/** Keeps pages in a browser from a server that asks for no token: under a name of their own (DNS rebinding), or from theirs. */
import type { IncomingHttpHeaders } from "node:http";
import { isIPv4 } from "node:net";
import { PropError } from "../errors.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** @throws PropError `HOST_REFUSED` unless the Host header names this machine; `boundTo` is the server's own address */
export function checkHost(header: string | undefined, boundTo: string): void {
  const name = nameOf(header);
  if (LOOPBACK.has(name) || name === boundTo) return;
  throw new PropError({
    code: "HOST_REFUSED",
    message: `the host "${name}" is not this machine`,
    hint: "this server listens on the loopback address only: call it as localhost or 127.0.0.1",
  });
}

/**
 * Only browsers send an Origin. A page may send requests without a body to any server (Fetch standard, section 3.3.5):
 * those start, stop and drain.
 * @throws PropError `ORIGIN_REFUSED` unless the page is this server's own, or both are this machine's
 */
export function checkOrigin({ origin, host, ...headers }: IncomingHttpHeaders): void {
  // Behind a proxy the host is another one than the page's: the browser knows, and no page can make it lie.
  if (origin === undefined || headers["sec-fetch-site"] === "same-origin") return;
  const page = URL.parse(origin);
  if (page !== null && page.host === host?.toLowerCase()) return;
  if (page !== null && isLoopback(page.hostname) && isLoopback(nameOf(host))) return;
  throw new PropError({
    code: "ORIGIN_REFUSED",
    message: `pages of "${origin}" may not use this manager`,
    hint: "Send requests from a program, or start the manager with --auth token.",
  });
}

function nameOf(header: string | undefined): string {
  return (header ?? "").toLowerCase().replace(/:\d+$/, "");
}
