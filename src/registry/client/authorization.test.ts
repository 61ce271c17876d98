import { expect, it } from "vitest";
import { challengesIn, createAuthorization } from "./authorization.ts";
import type { Answered } from "./exchange.ts";

const realm = { origin: "https://r.example", repository: "team/app", actions: "pull" };
const challenge =
  'Bearer realm="https://auth.example/token",service="r.example",scope="repository:team/app:pull"';

it.each([
  [
    challenge,
    "bearer",
    { realm: "https://auth.example/token", service: "r.example", scope: "repository:team/app:pull" },
  ],
  ['Basic realm="a, b", charset=UTF-8', "basic", { realm: "a, b", charset: "UTF-8" }],
  ['Basic realm="x", Bearer realm="y",service=z', "bearer", { realm: "y", service: "z" }],
  ['BEARER Realm="a\\"b"', "bearer", { realm: 'a"b' }],
  ["Basic", "basic", {}],
])("the challenge %s is read", (header, scheme, parameters) => {
  expect(challengesIn(header)[scheme]).toEqual(parameters);
});

it.each(["", '="x"', "Bearer=", "realm"])("the challenge %j offers nothing to log in with", (header) => {
  const { bearer, basic } = challengesIn(header);
  expect([bearer, basic]).toEqual([undefined, undefined]);
});

function answer(status: number, body: object, headers = {}): Answered {
  return { type: "answer", status, headers: new Headers(headers), bytes: Buffer.from(JSON.stringify(body)) };
}

it("a token is used until shortly before its end", async () => {
  let now = 0;
  const authorization = createAuthorization(undefined, () => now);
  const get = async () => answer(200, { token: "t1", expires_in: 60 });
  expect(await authorization.login(realm, challenge, get)).toEqual({ type: "header", value: "Bearer t1" });
  now = 49_000;
  expect(authorization.known(realm)).toBe("Bearer t1");
  expect(authorization.known({ ...realm, repository: "team/other" })).toBeUndefined();
  now = 51_000;
  expect(authorization.known(realm)).toBeUndefined();
});

it("a password goes to where tokens are given out for its own registry, over TLS alone", async () => {
  const own = { origin: realm.origin, type: "basic", username: "ada", password: "s3cret" } as const;
  const sent: [string, string | null][] = [];
  const get = async (url: URL, headers: Headers) => {
    sent.push([url.host, headers.get("authorization")]);
    return answer(200, { access_token: "t" });
  };
  const authorization = createAuthorization(own, Date.now);
  const basic = `Basic ${btoa("ada:s3cret")}`;
  await authorization.login(realm, challenge, get);
  await authorization.login({ ...realm, origin: "https://other.example" }, challenge, get);
  expect(sent).toEqual([
    ["auth.example", basic],
    ["auth.example", null],
  ]);
  const open = challenge.replace("https://auth", "http://auth");
  expect(await authorization.login(realm, open, get)).toMatchObject({ type: "refused" });
  expect(sent).toHaveLength(2);
});

it.each([
  ["is refused", answer(401, {}), "refused"],
  ["has no token in it", answer(200, { tok: "x" }), "refused"],
  ["is no JSON object", answer(200, []), "refused"],
  ["says that it has too much to do", answer(429, {}, { "retry-after": "3" }), "again"],
  ["breaks", answer(502, {}), "again"],
])("a login that %s is told apart", async (_, answered, type) => {
  const authorization = createAuthorization(undefined, Date.now);
  expect(await authorization.login(realm, challenge, async () => answered)).toMatchObject({ type });
});

it("a challenge without end is read in no time", () => {
  const startedAt = performance.now();
  challengesIn(`Bearer ${"a".repeat(1_000_000)}! realm="x"`);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

it("an identity token goes into the body of a POST, and into no address", async () => {
  const own = { origin: realm.origin, type: "identity", token: "refresh" } as const;
  const sent: unknown[] = [];
  const get = async (url: URL, headers: Headers, form?: URLSearchParams) => {
    sent.push([url.href, headers.get("authorization"), Object.fromEntries(form ?? [])]);
    return answer(200, { access_token: "t" });
  };
  const authorization = createAuthorization(async () => own, Date.now);
  expect(await authorization.login(realm, challenge, get)).toEqual({ type: "header", value: "Bearer t" });
  const form = {
    service: "r.example",
    scope: "repository:team/app:pull",
    grant_type: "refresh_token",
    client_id: "prop",
    refresh_token: "refresh",
  };
  expect(sent).toEqual([["https://auth.example/token", null, form]]);
});
