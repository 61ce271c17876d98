import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { endpointOf } from "./endpoint.ts";
import { openRegistryClient } from "./open-client.ts";

let server: Server;
let host: string;
let asked: number;
beforeEach(async () => {
  asked = 0;
  server = createServer((_request, response) => {
    asked += 1;
    response.end("ok");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => server.close());

async function ask(registry: string, mirrors: string[], env: Record<string, string>, allowed?: string[]) {
  const client = openRegistryClient(mirrors, env, allowed);
  const { status } = await client.ask({
    ...{ repository: "x", path: "manifests/1", image: `${registry}/x:1`, maxBytes: 100 },
    endpoint: endpointOf(registry, client.mirrors),
    signal: AbortSignal.timeout(10_000),
  });
  return status;
}

test("a registry inside is not asked, and not tried again, where references are others' and nobody named it", async () => {
  await expect(ask(host, [], {}, [])).rejects.toMatchObject({
    code: "REGISTRY_NOT_ALLOWED",
    hint: expect.stringContaining(`--registry-allow ${host}`),
  });
  expect(asked).toBe(0);
});

test("one that is named, by its host, as a mirror or with a login, is asked", async () => {
  const login = { PROXY_REGISTRY_URL: `http://${host}`, PROXY_REGISTRY_TOKEN: "t" };
  expect(await ask(host, [], {}, [host])).toBe(200);
  expect(await ask("registry.example.com", [`registry.example.com=http://${host}`], {}, [])).toBe(200);
  expect(await ask(host, [], login, [])).toBe(200);
});

test("who asks for themselves asks any", async () => {
  expect(await ask(host, [], {})).toBe(200);
});
