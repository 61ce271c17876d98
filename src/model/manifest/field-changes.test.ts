import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldChanges } from "./field-changes.ts";

test("a change is told by the field that is different, was added or is gone", () => {
  const before = { spec: { env: { A: "1", B: "2" }, inputs: ["1"] } };
  const after = { spec: { env: { A: "1", B: "3", C: "4" }, priority: 1 } };
  expect(fieldChanges(before, after)).toEqual([
    { path: "spec.env.B", before: "2", after: "3" },
    { path: "spec.env.C", after: "4" },
    { path: "spec.inputs", before: ["1"] },
    { path: "spec.priority", after: 1 },
  ]);
});

test("the order of fields says nothing, the order in a list does", () => {
  expect(fieldChanges({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 })).toEqual([]);
  expect(fieldChanges({ a: [1, 2] }, { a: [2, 1] })).toEqual([{ path: "a", before: [1, 2], after: [2, 1] }]);
});

test("nothing has changed in a copy", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(fieldChanges(value, structuredClone(value))).toEqual([]);
    }),
  );
});
