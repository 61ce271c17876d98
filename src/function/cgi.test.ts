import fc from "fast-check";
import { expect, test } from "vitest";
import { type CgiServer, cgiEnvironment, type HttpRequest, parseCgiResponse } from "./cgi.ts";

const server: CgiServer = { name: "localhost", port: 80, scriptName: "/f", remoteAddress: "127.0.0.1" };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (body: Uint8Array): string => new TextDecoder().decode(body);
const request = (part: Partial<HttpRequest>): HttpRequest => ({
  method: "GET",
  target: "/",
  headers: [],
  body: new Uint8Array(0),
  ...part,
});

test("a request becomes the variables of RFC 3875", () => {
  const headers = [
    ["content-type", "application/json"],
    ["X-Trace-Id", "7"],
  ] as const;
  const posted = request({ method: "POST", target: "/a%20b?x=1&y=%20", headers, body: bytes("{}") });
  expect(cgiEnvironment(posted, server)).toEqual({
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_PROTOCOL: "HTTP/1.1",
    SERVER_SOFTWARE: "prop",
    SERVER_NAME: "localhost",
    SERVER_PORT: "80",
    REMOTE_ADDR: "127.0.0.1",
    REQUEST_METHOD: "POST",
    SCRIPT_NAME: "/f",
    PATH_INFO: "/a b",
    QUERY_STRING: "x=1&y=%20",
    CONTENT_TYPE: "application/json",
    CONTENT_LENGTH: "2",
    HTTP_X_TRACE_ID: "7",
  });
});

test("a request with no body has no CONTENT_LENGTH, one with no query an empty QUERY_STRING", () => {
  const env = cgiEnvironment(request({ headers: [["content-length", "0"]] }), server);
  expect(env).not.toHaveProperty("CONTENT_LENGTH");
  expect(env).toMatchObject({ QUERY_STRING: "", PATH_INFO: "/" });
});

test("repeated headers are joined, cookies with a semicolon", () => {
  const headers = [
    ["accept", "a"],
    ["Accept", "b"],
    ["cookie", "c=1"],
    ["cookie", "d=2"],
  ] as const;
  const env = cgiEnvironment(request({ headers }), server);
  expect(env).toMatchObject({ HTTP_ACCEPT: "a, b", HTTP_COOKIE: "c=1; d=2" });
});

test.each(["Authorization", "Proxy-Authorization", "Proxy"])("the header %s is withheld", (name) => {
  const env = cgiEnvironment(request({ headers: [[name, "secret"]] }), server);
  expect(Object.values(env)).not.toContain("secret");
});

test("a path that doesn't decode stays as it is", () => {
  expect(cgiEnvironment(request({ target: "/%zz" }), server)).toMatchObject({ PATH_INFO: "/%zz" });
});

test("a query keeps its further question marks", () => {
  expect(cgiEnvironment(request({ target: "/?a?b" }), server)).toMatchObject({ QUERY_STRING: "a?b" });
});

test("an answer is status, headers and body", () => {
  const response = parseCgiResponse(bytes("Status: 404 Not Found\nContent-Type: text/plain\n\nno\n\nsuch"));
  expect(response).toMatchObject({
    status: 404,
    reason: "Not Found",
    headers: [["Content-Type", "text/plain"]],
  });
  expect(textOf(response.body)).toBe("no\n\nsuch");
});

test("without Status it is 200, with a Location 302, and a Status goes before it", () => {
  expect(parseCgiResponse(bytes("A: b\n\n"))).toMatchObject({ status: 200, reason: "OK" });
  expect(parseCgiResponse(bytes("Location: http://a/\n\n"))).toMatchObject({ status: 302 });
  const moved = parseCgiResponse(bytes("Location: http://a/\nStatus: 301\n\n"));
  expect(moved).toMatchObject({ status: 301, reason: "", headers: [["Location", "http://a/"]] });
});

test("lines end with LF or CRLF, also mixed", () => {
  const response = parseCgiResponse(bytes("A: b\r\nC: d\n\r\nbody\r\n"));
  expect(response.headers).toEqual([
    ["A", "b"],
    ["C", "d"],
  ]);
  expect(textOf(response.body)).toBe("body\r\n");
});

test("a folded header is one", () => {
  expect(parseCgiResponse(bytes("A: b\n  c\n\td\n\n")).headers).toEqual([["A", "b c d"]]);
});

test("each Set-Cookie stays one of its own", () => {
  expect(parseCgiResponse(bytes("Set-Cookie: a=1\nSet-Cookie: b=2\n\n")).headers).toEqual([
    ["Set-Cookie", "a=1"],
    ["Set-Cookie", "b=2"],
  ]);
});

test.each([
  ["", "no empty line ends its headers"],
  ["hello", "no empty line ends its headers"],
  ["Content-Type: a\nbody", "no empty line ends its headers"],
  ["\nbody", "no header was written"],
  ["hello world\n\n", '"hello world" is no header'],
  [" a: b\n\n", '" a: b" is no header'],
  ["A b: c\n\n", '"A b: c" is no header'],
  ["A: b\rc\n\n", "the header A has a control character"],
  ["Status: fine\n\n", 'the Status "fine" is not like "404 Not Found"'],
  ["Status: 99\n\n", 'the Status "99" is not like'],
  ["Status: 200\nstatus: 201\n\n", "the header status is there twice"],
])("%j is no response", (stdout, why) => {
  expect(() => parseCgiResponse(bytes(stdout))).toThrow(why);
});

test("whatever is written as headers and body is read again", () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,15}$/).map((text) => `X-${text}`);
  const value = fc.stringMatching(/^([!-~]([ -~]{0,20}[!-~])?)?$/);
  const headers = fc.array(fc.tuple(name, value), { minLength: 1 });
  fc.assert(
    fc.property(headers, fc.uint8Array(), fc.constantFrom("\n", "\r\n"), (written, body, end) => {
      const head = bytes(`${written.map(([n, v]) => `${n}: ${v}${end}`).join("")}${end}`);
      const response = parseCgiResponse(Buffer.concat([head, body]));
      expect(response.headers).toEqual(written);
      expect([...response.body]).toEqual([...body]);
    }),
  );
});

test("no bytes make it throw anything but its own error", () => {
  const parse = (stdout: Uint8Array): string => {
    try {
      return parseCgiResponse(stdout).status > 0 ? "read" : "";
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : String(error);
    }
  };
  fc.assert(
    fc.property(fc.uint8Array(), (stdout) => {
      expect(["read", "RESPONSE_INVALID"]).toContain(parse(stdout));
    }),
  );
});
