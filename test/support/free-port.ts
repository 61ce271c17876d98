/** A port for a server of a test or a benchmark. */
import { once } from "node:events";
import { createServer } from "node:net";

/** A port that nothing listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A free port that no outgoing connection is given, so that a server finds it free when it comes back. */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, "127.0.0.1");
    const [outcome] = await Promise.race([
      once(server, "listening").then(() => ["free"]),
      once(server, "error").then(() => ["taken"]),
    ]).catch(() => ["taken"]);
    if (outcome === "taken") continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
