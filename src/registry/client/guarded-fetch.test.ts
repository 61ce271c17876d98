import { expect, test } from "vitest";
import { guardedFetch } from "./guarded-fetch.ts";

function setUp(allowed: string[], addresses: Record<string, string[]> = {}) {
  const asked: string[] = [];
  const send = guardedFetch({
    allowed,
    fetch: async (input) => {
      asked.push(String(input));
      return new Response("ok");
    },
    resolve: async (host) => addresses[host] ?? [],
  });
  return { asked, send };
}

const refused = { code: "REGISTRY_NOT_ALLOWED" };

test.each([
  "http://127.0.0.1:5000/v2/",
  "http://localhost/v2/",
  "https://169.254.169.254/latest/meta-data",
  "https://10.1.2.3/",
  "https://172.31.0.1/",
  "https://192.168.1.1/",
  "https://[::1]/",
  "https://[fd00::1]/",
  "https://[fe80::1]/",
  "https://[::ffff:10.0.0.1]/",
  "https://0x7f000001/",
  "https://0/",
])("%s is not asked where nobody named it", async (url) => {
  const { asked, send } = setUp([], { localhost: ["127.0.0.1"] });
  await expect(send(url)).rejects.toMatchObject(refused);
  expect(asked).toEqual([]);
});

test("a name is as good as its addresses: one of them inside, and it is not asked", async () => {
  const { asked, send } = setUp([], {
    "registry.example": ["93.184.215.14", "2606:2800::1"],
    "rebound.example": ["93.184.215.14", "10.0.0.1"],
  });
  await send("https://registry.example/v2/");
  await expect(send("https://rebound.example/v2/")).rejects.toMatchObject(refused);
  expect(asked).toEqual(["https://registry.example/v2/"]);
});

test("what is named is asked wherever it is; with a port, at that one alone", async () => {
  const { asked, send } = setUp(["registry.internal", "10.0.0.5:5000", "10.0.0.6:443"], {
    "registry.internal": ["10.0.0.1"],
  });
  const named = ["https://registry.internal:8443/", "https://10.0.0.5:5000/", "https://10.0.0.6/"];
  for (const url of named) await send(url);
  expect(asked).toEqual(named);
  await expect(send("https://10.0.0.5/")).rejects.toMatchObject(refused);
});
