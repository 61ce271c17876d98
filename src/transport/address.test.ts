import { expect, test } from "vitest";
import { parseAddress } from "./address.ts";

test.each([
  ["tcp://host:1884", { protocol: "mqtt", host: "host", port: 1884, path: "/" }],
  ["mqtt://host", { protocol: "mqtt", host: "host", port: 1883, path: "/" }],
  ["ssl://host", { protocol: "mqtts", host: "host", port: 8883, path: "/" }],
  ["mqtts://host:1", { protocol: "mqtts", host: "host", port: 1, path: "/" }],
  ["ws://host/mqtt", { protocol: "ws", host: "host", port: 80, path: "/mqtt" }],
  ["wss://host/mqtt?x=1", { protocol: "wss", host: "host", port: 443, path: "/mqtt?x=1" }],
  ["tcp://[::1]:1883", { protocol: "mqtt", host: "::1", port: 1883, path: "/" }],
])("%s is understood", (address, expected) => {
  expect(parseAddress(address, { tls: false })).toEqual(expected);
});

test.each([
  ["tcp://host", "mqtts", 8883],
  ["ws://host", "wss", 443],
])("%s never means plain text where certificates are given", (address, protocol, port) => {
  expect(parseAddress(address, { tls: true })).toMatchObject({ protocol, port });
});

test.each(["localhost:1883", "http://host", "tcp://", "tcp://host:99999", ""])("%j is refused", (address) => {
  expect(() => parseAddress(address, { tls: false })).toThrow(
    expect.objectContaining({ code: "BROKER_ADDRESS_INVALID", exitCode: 2 }),
  );
});

test("credentials in an address are refused and not repeated", () => {
  const parse = () => parseAddress("tcp://me:secret@host", { tls: false });
  expect(parse).toThrow(expect.objectContaining({ code: "BROKER_ADDRESS_INVALID" }));
  expect(parse).not.toThrow(/secret/);
});
