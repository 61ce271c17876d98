import fc from "fast-check";
import { expect, test } from "vitest";
import { limitMemory } from "./memory-limit.ts";
import { parseModule } from "./module-info.ts";
import { assemble } from "./testing/wat.ts";

const page = 65_536;

async function limited(text: string, limitBytes: number) {
  const bytes = await assemble(text);
  const result = limitMemory(bytes, parseModule(bytes), limitBytes);
  return { ...result, unchanged: result.bytes === bytes, parsed: parseModule(result.bytes) };
}

function maxima(parsed: ReturnType<typeof parseModule>): number[] {
  return parsed.memories.map(({ maximum }) => maximum);
}

test("a memory without a maximum gets the limit as its maximum", async () => {
  const { parsed, capBytes } = await limited("(module (memory 1))", 16 * page);
  expect(maxima(parsed)).toEqual([16]);
  expect(capBytes).toBe(16 * page);
});

test("a higher maximum is lowered, a lower one stays", async () => {
  expect(maxima((await limited("(module (memory 1 500))", 16 * page)).parsed)).toEqual([16]);
  const lower = await limited("(module (memory 1 4))", 16 * page);
  expect(lower).toMatchObject({ unchanged: true, capBytes: undefined });
});

test("a limit over the address space leaves a 32-bit memory as it is", async () => {
  expect(await limited("(module (memory 1))", 2 ** 40)).toMatchObject({ unchanged: true });
});

test("an imported memory is limited as well", async () => {
  const { parsed } = await limited(`(module (import "env" "m" (memory 1)))`, 16 * page);
  expect(maxima(parsed)).toEqual([16]);
});

test("several memories share what the limit leaves", async () => {
  const { parsed, capBytes } = await limited("(module (memory 2) (memory 4))", 16 * page);
  expect(maxima(parsed)).toEqual([7, 9]);
  expect(capBytes).toBe(16 * page);
});

test("a 64-bit memory is limited as well", async () => {
  expect(maxima((await limited("(module (memory i64 1))", 16 * page)).parsed)).toEqual([16]);
});

test("a limit that is no whole number of pages is rounded down", async () => {
  expect(maxima((await limited("(module (memory 1))", 3 * page - 1)).parsed)).toEqual([2]);
});

test("a module that starts above the limit is refused with both sizes", async () => {
  await expect(limited("(module (memory 32))", 16 * page)).rejects.toMatchObject({
    code: "MEMORY_LIMIT",
    message: "the module starts with 2 MiB of memory, and its limit is 1 MiB",
  });
});

test("tables cannot grow past what a worker's heap holds", async () => {
  const { parsed } = await limited("(module (table 10 funcref) (table 20 30 funcref))", page);
  expect(parsed.tables.map(({ maximum }) => maximum)).toEqual([499_995, 30]);
});

test("whatever the limit, the rest of the module stays as it was", async () => {
  const bytes = await assemble(`(module
    (memory (export "memory") 1) (data (i32.const 3) "data")
    (func (export "size") (result i32) memory.size))`);
  const before = parseModule(bytes);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65_536 }), (pages) => {
      const result = limitMemory(bytes, before, pages * page);
      const after = parseModule(result.bytes);
      expect(after.info).toEqual(before.info);
      expect(after.memories[0]?.maximum).toBe(pages);
      expect(after.sections.map(({ id }) => id)).toEqual(before.sections.map(({ id }) => id));
      expect([...result.bytes.subarray(-30)]).toEqual([...bytes.subarray(-30)]);
    }),
  );
});
