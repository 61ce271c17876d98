/** Keeps pages in a browser from reaching a local server under a name of their own (DNS rebinding). */
import { PropError } from "../errors.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || host === "::1" || host.startsWith("127.");
}

/** @throws PropError `HOST_REFUSED` unless the Host header names this machine; `boundTo` is the server's own address */
export function checkHost(header: string | undefined, boundTo: string): void {
  const name = (header ?? "").toLowerCase().replace(/:\d+$/, "");
  if (LOOPBACK.has(name) || name === boundTo) return;
  throw new PropError({
    code: "HOST_REFUSED",
    message: `the host "${name}" is not this machine`,
    hint: "this server listens on the loopback address only: call it as localhost or 127.0.0.1",
  });
}
