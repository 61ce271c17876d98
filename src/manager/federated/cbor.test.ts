import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCbor } from "./cbor.ts";

const decoded = (hex: string) => decodeCbor(Buffer.from(hex, "hex"));

// The examples of RFC 8949, appendix A.
test.each<[string, unknown]>([
  ["00", 0],
  ["1903e8", 1_000],
  ["1b000000e8d4a51000", 1_000_000_000_000],
  ["3863", -100],
  ["f93c00", 1],
  ["fa47c35000", 100_000],
  ["fb3ff199999999999a", 1.1],
  ["f4", false],
  ["f5", true],
  ["f6", null],
  ["c11a514b67b0", 1_363_896_240],
  ["4401020304", "AQIDBA=="],
  ["62c3bc", "ü"],
  ["83010203", [1, 2, 3]],
  ["a26161016162820203", { a: 1, b: [2, 3] }],
  ["a201020304", { "1": 2, "3": 4 }],
  ["5f42010243030405ff", "AQIDBAU="],
  ["7f657374726561646d696e67ff", "streaming"],
  ["9f018202039f0405ffff", [1, [2, 3], [4, 5]]],
  ["bf6346756ef563416d7421ff", { Fun: true, Amt: -2 }],
])("%s is read as JSON has it", (hex, value) => {
  expect(decoded(hex)).toEqual(value);
});

test.each([
  "",
  "19",
  "61",
  "8201",
  "ff",
  "82ff01",
  "0000",
  "1c",
  "a1f600",
  "f97e00",
  "5f6161ff",
  "9bffffffffffffffff",
])("%j is refused", (hex) => {
  expect(() => decoded(hex)).toThrow(/CBOR/);
});

test("what nests without end is refused before the stack ends", () => {
  expect(() => decodeCbor(new Uint8Array(1_000_000).fill(0x81))).toThrow("64 levels");
});

test("whatever comes is read or refused, and a key can't reach a prototype", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        decodeCbor(bytes);
      } catch (error) {
        expect(String(error)).toContain("CBOR");
      }
    }),
  );
  const value = decoded("a1695f5f70726f746f5f5fa1616101");
  expect(Object.keys(Object(value))).toEqual(["__proto__"]);
  expect(Object(value).a).toBeUndefined();
});
