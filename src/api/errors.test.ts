import { expect, test } from "vitest";
import { PropError } from "../errors.ts";
import { statusOf } from "./errors.ts";
import { checkHost, isLoopback } from "./host-guard.ts";

test.each([
  ["TASK_INVALID", 400],
  ["MODULE_INVALID", 400],
  ["TASK_NOT_LATENT", 400],
  ["SOMETHING_NEW_INVALID", 400],
  ["TASK_NOT_FOUND", 404],
  ["PROPLET_NOT_FOUND", 404],
  ["FUNCTION_NOT_FOUND", 404],
  ["TASK_ACTIVE", 409],
  ["PROPLET_BUSY", 409],
  ["MODULE_TOO_LARGE", 413],
  ["INVOCATION_FAILED", 500],
  ["INVOCATION_TIMEOUT", 500],
  ["DEPLOY_FAILED", 500],
  ["SOMETHING_NEW", 500],
])("%s is a %i", (code, status) => {
  expect(statusOf(new PropError({ code, message: "m" }))).toBe(status);
});

test("what was asked wrongly is a 400 whatever its code", () => {
  expect(statusOf(new PropError({ code: "SOMETHING_NEW", message: "m", exitCode: 2 }))).toBe(400);
});

test.each(["localhost", "127.0.0.1", "127.0.0.53", "::1"])("%s is this machine only", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(["0.0.0.0", "::", "10.0.0.1", "example.com"])("%s is not this machine only", (host) => {
  expect(isLoopback(host)).toBe(false);
});

test.each([undefined, "", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "[::2]:1"])(
  "a request for the host %j is refused",
  (host) => {
    expect(() => checkHost(host, "127.0.0.1")).toThrow(expect.objectContaining({ code: "HOST_REFUSED" }));
  },
);

test("a request for the address that was bound is taken", () => {
  expect(() => checkHost("127.0.0.53:7070", "127.0.0.53")).not.toThrow();
});
