import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration, parseSize } from "./quantities.ts";

test("a duration is a number and a unit", () => {
  expect(parseDuration("500ms")).toBe(500);
  expect(parseDuration("10s")).toBe(10_000);
  expect(parseDuration("1.5m")).toBe(90_000);
  expect(parseDuration("2h")).toBe(7_200_000);
});

test("a size is bytes, or a number and a decimal or binary unit", () => {
  expect(parseSize("65536")).toBe(65_536);
  expect(parseSize("64MiB")).toBe(64 * 1024 ** 2);
  expect(parseSize("64Mi")).toBe(64 * 1024 ** 2);
  expect(parseSize("1GiB")).toBe(1024 ** 3);
  expect(parseSize("1.5kB")).toBe(1_500);
  expect(parseSize("2M")).toBe(2_000_000);
});

test.each(["", "10", "s", "0s", "-1s", "1 s", "1e3s", "10S", "1constructor", "0.0001ms"])(
  '"%s" is not a duration',
  (text) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ code: "QUANTITY_INVALID", exitCode: 2 }),
    );
  },
);

test("a duration that no timer can wait for is refused instead of firing at once", () => {
  expect(parseDuration("596h")).toBeLessThan(2 ** 31);
  expect(() => parseDuration("597h")).toThrow("longer than a timer runs");
});

test.each(["", "0", "-1", "64mib", "1KB", "MiB", "1.5", "99999999999GiB", "1toString"])(
  '"%s" is not a size',
  (text) => {
    expect(() => parseSize(text)).toThrow(`"${text}" is not a size`);
  },
);

test("any text is a positive whole number of bytes or an error that says so", () => {
  const unit = fc.constantFrom("", "B", "k", "kB", "Ki", "KiB", "Mi", "GiB", "x");
  const quantity = fc.tuple(fc.double({ noNaN: true }), unit).map(([number, unit]) => `${number}${unit}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), quantity), (text) => {
      try {
        const bytes = parseSize(text);
        expect(Number.isSafeInteger(bytes) && bytes > 0).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: "QUANTITY_INVALID" });
      }
    }),
  );
});

test("durations are shown in the unit that reads best", () => {
  expect(formatDuration(12.4)).toBe("12 ms");
  expect(formatDuration(1_540)).toBe("1.5 s");
});
