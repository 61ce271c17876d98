import { expect, it } from "vitest";
import { credentialsFrom } from "./credentials.ts";

const login = { PROXY_REGISTRY_USERNAME: "ada", PROXY_REGISTRY_PASSWORD: "s3cret" };

it.each([
  ["registry.example.com", "https://registry.example.com"],
  ["https://registry.example.com/v2/", "https://registry.example.com"],
  ["docker.io", "https://registry-1.docker.io"],
  ["https://index.docker.io/v1/", "https://registry-1.docker.io"],
  ["localhost:5000", "http://localhost:5000"],
  ["https://localhost:5000", "https://localhost:5000"],
  ["http://10.0.0.1:5000", "http://10.0.0.1:5000"],
])("a login for %s is good for %s alone", (url, origin) => {
  expect(credentialsFrom({ ...login, PROXY_REGISTRY_URL: url })).toEqual({
    origin,
    type: "basic",
    username: "ada",
    password: "s3cret",
  });
});

it("a token is taken where there is no name and password", () => {
  const env = { PROXY_REGISTRY_URL: "r.example", PROXY_REGISTRY_TOKEN: "t" };
  expect(credentialsFrom(env)).toEqual({ origin: "https://r.example", type: "bearer", token: "t" });
  expect(credentialsFrom({ ...env, ...login })).toMatchObject({ type: "basic" });
});

it("nothing set, half of it set, or a login that is switched off is no login", () => {
  const { PROXY_REGISTRY_USERNAME } = login;
  expect(credentialsFrom({})).toBeUndefined();
  expect(credentialsFrom({ PROXY_REGISTRY_URL: "r.example", PROXY_REGISTRY_USERNAME })).toBeUndefined();
  expect(credentialsFrom({ ...login, PROXY_AUTHENTICATE: "false" })).toBeUndefined();
});

it("a login that doesn't say for which registry is refused", () => {
  expect(() => credentialsFrom(login)).toThrow("PROXY_REGISTRY_URL doesn't say for which");
  expect(() => credentialsFrom({ ...login, PROXY_REGISTRY_URL: "http://" })).toThrow("is no host");
});
