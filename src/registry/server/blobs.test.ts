import { expect, test } from "vitest";
import { parseRange } from "./blobs.ts";

test.each([
  ["bytes=0-9", { start: 0, end: 9 }],
  ["bytes=90-200", { start: 90, end: 99 }],
  ["bytes=99-", { start: 99, end: 99 }],
  ["bytes=-10", { start: 90, end: 99 }],
  ["bytes=-200", { start: 0, end: 99 }],
  ["bytes=100-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=9-0", undefined],
  ["bytes=0-1,5-6", undefined],
  ["lines=0-1", undefined],
  [undefined, undefined],
])("of 100 bytes %s is %j", (header, expected) => {
  expect(parseRange(header, 100)).toEqual(expected);
});
