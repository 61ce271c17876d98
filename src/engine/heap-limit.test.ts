import { expect, test } from "vitest";
import { checkHeapUse } from "./heap-limit.ts";
import { parseModule } from "./module-info.ts";
import { assemble } from "./testing/wat.ts";

test("an ordinary table is fine", async () => {
  const parsed = parseModule(await assemble("(module (table 5000 funcref))"));
  expect(() => checkHeapUse(parsed)).not.toThrow();
});

test("tables too large for a worker's heap are refused", async () => {
  const parsed = parseModule(await assemble("(module (table 600000 funcref) (table 600000 funcref))"));
  expect(() => checkHeapUse(parsed)).toThrow("has tables of 1200000 elements");
});

test("garbage-collected types are refused", () => {
  const module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x5e, 0x7e, 1];
  expect(() => checkHeapUse(parseModule(Uint8Array.from(module)))).toThrow("garbage-collected");
});
