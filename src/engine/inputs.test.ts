import fc from "fast-check";
import { expect, test } from "vitest";
import type { ValueType } from "./engine.ts";
import { formatResult, parseInputs } from "./inputs.ts";

function parse(type: ValueType, text: string) {
  return parseInputs({ name: "f", parameters: [type], results: [] }, [text])[0];
}

test("a wrong number of inputs is refused in the words users know", () => {
  const add = { name: "add", parameters: ["i32", "i32"] satisfies ValueType[], results: [] };
  expect(() => parseInputs(add, ["1"])).toThrow(
    "Argument count mismatch for function 'add': expected 2 arguments but got 1",
  );
});

test.each([
  ["i32", "two", "Failed to parse 'two' as i32: invalid digit found in string"],
  ["i32", "", "Failed to parse '' as i32: cannot parse integer from empty string"],
  ["i32", "1.5", "Failed to parse '1.5' as i32: invalid digit found in string"],
  ["i32", "4294967296", "Failed to parse '4294967296' as i32: number too large to fit in target type"],
  ["i32", "-2147483649", "Failed to parse '-2147483649' as i32: number too small to fit in target type"],
  [
    "i64",
    "18446744073709551616",
    "Failed to parse '18446744073709551616' as i64: number too large to fit in target type",
  ],
  ["f32", "x", "Failed to parse 'x' as f32: invalid float literal"],
  ["f64", "", "Failed to parse '' as f64: cannot parse float from empty string"],
  ["f64", "0x10", "Failed to parse '0x10' as f64: invalid float literal"],
  ["v128", "1", "Failed to parse '1' as v128: values of this type cannot be given as text"],
] as const)("%s refuses %j", (type, text, message) => {
  expect(() => parse(type, text)).toThrow(message);
});

test.each([
  ["i32", "-7", -7],
  ["i32", "+7", 7],
  ["i32", "4294967295", 4_294_967_295],
  ["i64", "-9223372036854775808", -9_223_372_036_854_775_808n],
  ["i64", "+18446744073709551615", 18_446_744_073_709_551_615n],
  ["f32", "1.5e3", 1500],
  ["f64", ".5", 0.5],
  ["f64", "-inf", Number.NEGATIVE_INFINITY],
  ["f64", "Infinity", Number.POSITIVE_INFINITY],
  ["f64", "nan", Number.NaN],
] as const)("%s takes %j", (type, text, value) => {
  expect(parse(type, text)).toEqual(value);
});

test("a function that returns a vector is refused before it runs", () => {
  const vector = { name: "v", parameters: [], results: ["v128"] satisfies ValueType[] };
  expect(() => parseInputs(vector, [])).toThrow("function 'v' returns a v128");
});

test.each([
  ["i32", -7, "-7"],
  ["i64", 9_223_372_036_854_775_807n, "9223372036854775807"],
  ["f32", Math.fround(0.1), "0.1"],
  ["f32", 3.75, "3.75"],
  ["f32", 3, "3"],
  ["f32", Math.fround(3.4028235e38), `34028235${"0".repeat(31)}`],
  ["f64", 0.1 + 0.2, "0.30000000000000004"],
  ["f64", 1e21, `1${"0".repeat(21)}`],
  ["f64", -1.5e-7, "-0.00000015"],
  ["f64", -0, "-0"],
  ["f64", Number.NaN, "NaN"],
  ["f32", Number.NEGATIVE_INFINITY, "-inf"],
  [undefined, undefined, ""],
] as const)("a %s result %s is written as %s", (type, value, text) => {
  expect(formatResult(type, value)).toBe(text);
});

test("a float that was written reads back as the same float", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true }), fc.double({ noNaN: true }), (single, double) => {
      expect(Math.fround(Number(parse("f32", formatResult("f32", single))))).toBe(single);
      expect(parse("f64", formatResult("f64", double))).toBe(double);
    }),
  );
});
