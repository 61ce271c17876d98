/** The way to a registry: TLS with a certificate of one's own, a proxy, and redirects that must not take a login along. */

import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { createUser } from "../support/dev.ts";

const tags = JSON.stringify({ name: "app", tags: ["1", "2"] });

async function setUp() {
  const user = await createUser();
  const env = { DOCKER_CONFIG: join(user.dir, ".docker"), HTTPS_PROXY: "", NO_PROXY: "" };
  const prop = (args: string[], more: Record<string, string> = {}) =>
    user.prop(user.dir, args, { env: { ...env, ...more } });
  return { dir: user.dir, prop };
}

/** A certificate for `registry.test`, signed by itself. */
async function certificate(dir: string): Promise<{ key: Buffer; cert: Buffer; file: string }> {
  const [key, file] = [join(dir, "key.pem"), join(dir, "ca.pem")];
  await execa("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" "),
    ...["-subj", "/CN=registry.test", "-addext", "subjectAltName=DNS:registry.test"],
    ...["-keyout", key, "-out", file],
  ]);
  return { key: await readFile(key), cert: await readFile(file), file };
}

/** The registry `registry.test`, which only the proxy finds. */
async function behindProxy(dir: string) {
  const { key, cert, file } = await certificate(dir);
  const registry = createTlsServer({ key, cert }, (_request, response) => void response.end(tags));
  registry.listen(0, "127.0.0.1");
  await once(registry, "listening");
  const { port } = registry.address() as AddressInfo;
  const tunnels: string[] = [];
  const proxy = createHttpServer().on("connect", (request: IncomingMessage, client) => {
    tunnels.push(request.url ?? "");
    const upstream = connect(port, "127.0.0.1", () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
    upstream.pipe(client).pipe(upstream);
    for (const socket of [client, upstream]) socket.on("error", () => upstream.destroy());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    registry.closeAllConnections();
    registry.close();
    proxy.closeAllConnections();
    proxy.close();
  });
  return { file, tunnels, proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}

test("a registry behind a proxy, with a certificate of its own, is asked as the flags and variables say", async () => {
  const { dir, prop } = await setUp();
  const { file, tunnels, proxy } = await behindProxy(dir);
  const list = ["tags", "registry.test/app"];
  const trusted = await prop([...list, "--ca-file", file], { HTTPS_PROXY: proxy });
  expect(trusted).toMatchObject({ exitCode: 0, stdout: "1\n2" });
  expect(tunnels).toEqual(["registry.test:443"]);
  expect((await prop(list, { HTTPS_PROXY: proxy, SSL_CERT_FILE: file })).stdout).toBe("1\n2");
  expect(await prop(list, { HTTPS_PROXY: proxy })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/self-signed certificate/i),
  });
  const before = tunnels.length;
  const direct = await prop([...list, "--ca-file", file], { HTTPS_PROXY: proxy, NO_PROXY: "registry.test" });
  expect(direct.exitCode).toBe(1);
  expect(tunnels).toHaveLength(before);
});

test("a file that holds no certificates is named", async () => {
  const { dir, prop } = await setUp();
  await writeFile(join(dir, "no.pem"), "nothing");
  expect(await prop(["tags", "localhost:1/app", "--ca-file", "no.pem"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("certificates of no.pem can't be used: there is no certificate in it"),
  });
});

test("a login stays with its registry where that one redirects to another server", async () => {
  const { dir, prop } = await setUp();
  const seen: [string, string | undefined][] = [];
  const listen = async (answer: (request: IncomingMessage) => [number, Record<string, string>, string]) => {
    const server = createHttpServer((request, response) => {
      const [status, headers, body] = answer(request);
      response.writeHead(status, headers).end(body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const other = await listen(({ headers }) => {
    seen.push(["other", headers.authorization]);
    return [200, {}, tags];
  });
  const own = await listen(({ headers }) => {
    seen.push(["own", headers.authorization]);
    return headers.authorization === undefined
      ? [401, { "www-authenticate": 'Basic realm="x"' }, ""]
      : [307, { location: `http://${other}/v2/app/tags/list` }, ""];
  });
  await mkdir(join(dir, ".docker"));
  const auth = btoa("ada:s3cret");
  await writeFile(join(dir, ".docker/config.json"), JSON.stringify({ auths: { [own]: { auth } } }));
  expect((await prop(["tags", `${own}/app`])).stdout).toBe("1\n2");
  expect(seen).toEqual([
    ["own", undefined],
    ["own", `Basic ${auth}`],
    ["other", undefined],
  ]);
});
