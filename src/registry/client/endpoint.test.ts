import { expect, it } from "vitest";
import { endpointOf, endpointText, parseMirrors } from "./endpoint.ts";

const none = parseMirrors([]);

it.each([
  ["docker.io", "https://registry-1.docker.io"],
  ["ghcr.io", "https://ghcr.io"],
  ["registry.example.com:8443", "https://registry.example.com:8443"],
  ["localhost:5000", "http://localhost:5000"],
  ["127.0.0.1:5000", "http://127.0.0.1:5000"],
  ["127.1.2.3", "http://127.1.2.3"],
  ["[::1]:5000", "http://[::1]:5000"],
  ["127.0.0.1.example.com", "https://127.0.0.1.example.com"],
  ["10.0.0.1:5000", "https://10.0.0.1:5000"],
])("%s is asked at %s", (registry, origin) => {
  expect(endpointOf(registry, none).origin).toBe(origin);
});

it("a mirror is asked in its registry's place, and named with it", () => {
  const mirrors = parseMirrors([
    "registry.example.com=http://10.0.0.1:5000",
    "docker.io=https://hub.example",
  ]);
  expect(endpointOf("docker.io", mirrors).origin).toBe("https://hub.example");
  const endpoint = endpointOf("registry.example.com", mirrors);
  expect(endpointText(endpoint)).toBe("registry.example.com (mirror http://10.0.0.1:5000)");
  expect(endpointText(endpointOf("docker.io", none))).toBe("docker.io");
});

it.each([
  ["http://127.0.0.1:5000", "no registry before a ="],
  ["=http://127.0.0.1:5000", "no registry before a ="],
  ["a.io=127.0.0.1:5000", "no http or https URL"],
  ["a.io=ftp://127.0.0.1", "no http or https URL"],
  ["a.io=", "no http or https URL"],
  ["a.io=http://127.0.0.1/v2", "may have a scheme, a host and a port"],
  ["a.io=http://user:key@127.0.0.1", "may have a scheme, a host and a port"],
])("the mirror %j is refused", (entry, reason) => {
  expect(() => parseMirrors([entry])).toThrow(reason);
});
