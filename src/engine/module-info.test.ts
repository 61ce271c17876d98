import fc from "fast-check";
import { expect, test } from "vitest";
import { PropError } from "../errors.ts";
import { parseModule } from "./module-info.ts";
import { addText, assemble, printingText } from "./testing/wat.ts";

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

function problemOf(bytes: Uint8Array): PropError | undefined {
  try {
    parseModule(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof PropError) return error;
    throw error;
  }
}

test("exported functions come with their types, in the order of the exports", async () => {
  const { info } = parseModule(
    await assemble(`(module
      (func (export "b") (param i64 f32) (result f64) f64.const 0)
      (func (export "a") (result i32 i64) i32.const 0 i64.const 0))`),
  );
  expect(info).toEqual({
    kind: "core",
    functions: [
      { name: "b", parameters: ["i64", "f32"], results: ["f64"] },
      { name: "a", parameters: [], results: ["i32", "i64"] },
    ],
    imports: [],
    memoryBytes: 0,
  });
});

test("imported functions count in the index space, so that exports keep their own types", async () => {
  const { info } = parseModule(
    await assemble(`(module
      (import "env" "first" (func (param f64)))
      (import "env" "limit" (global i32))
      (import "env" "names" (table 1 funcref))
      (import "env" "memory" (memory 2))
      (func (export "own") (param v128 funcref externref)))`),
  );
  expect(info.imports.map(({ name, kind }) => [name, kind])).toEqual([
    ["first", "function"],
    ["limit", "global"],
    ["names", "table"],
    ["memory", "memory"],
  ]);
  expect(info.functions).toEqual([
    { name: "own", parameters: ["v128", "funcref", "externref"], results: [] },
  ]);
});

test("only the module's own memory counts as its memory", async () => {
  expect(parseModule(await assemble(`(module (memory 3 9))`)).info.memoryBytes).toBe(3 * 65_536);
  expect(parseModule(await assemble(`(module (import "env" "m" (memory 3)))`)).info.memoryBytes).toBe(0);
});

test("the memory that WASI uses is the one named memory", async () => {
  const parsed = parseModule(
    await assemble(`(module (memory 1) (export "first" (memory 0)) (export "memory" (memory 0)))`),
  );
  expect(parsed.memoryName).toBe("memory");
});

test("a component is recognised and not looked into", () => {
  const bytes = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00, 0xff, 0xff);
  expect(parseModule(bytes).info).toEqual({ kind: "component", functions: [], imports: [], memoryBytes: 0 });
});

test("custom and unknown sections are passed over", () => {
  expect(problemOf(Uint8Array.from([...header, 0x00, 2, 1, 0x41, 0x3f, 1, 0]))).toBeUndefined();
});

test("structures, arrays and recursive groups of the GC proposal keep the numbering of types", () => {
  const types = [0x4e, 2, 0x5f, 1, 0x63, 0, 1, 0x50, 0, 0x5e, 0x78, 0, 0x60, 1, 0x64, 0, 1, 0x7f];
  const sections = [1, types.length + 1, 2, ...types, 3, 2, 1, 2, 7, 5, 1, 1, 0x66, 0, 0];
  const parsed = parseModule(Uint8Array.from([...header, ...sections]));
  expect(parsed.definesObjects).toBe(true);
  expect(parsed.info.functions).toEqual([{ name: "f", parameters: ["externref"], results: ["i32"] }]);
});

test.each([
  [[], "not a WebAssembly module: it is empty"],
  [[0, 0, 0, 0, 0], "not a WebAssembly module: it starts with 00 00 00 00, a module with 00 61 73 6d"],
  [
    [0x7f, 0x45, 0x4c, 0x46],
    "not a WebAssembly module: it starts with 7f 45 4c 46, a module with 00 61 73 6d",
  ],
  [[0x00, 0x61], "truncated WebAssembly module: it has 2 bytes, and its header alone takes 8"],
  [[...header, 3, 100, 1], "truncated WebAssembly module: section 3 ends at byte 110, the file at byte 11"],
])("%j is refused as what it is", (bytes, message) => {
  expect(problemOf(Uint8Array.from(bytes))).toMatchObject({ code: "MODULE_INVALID", message });
});

test("100 MB of zeros are refused by their first bytes", () => {
  expect(problemOf(new Uint8Array(100_000_000))).toMatchObject({ code: "MODULE_INVALID" });
});

test("text that nobody assembled is named as such", () => {
  expect(problemOf(Buffer.from("(module)"))?.hint).toContain("wat2wasm");
});

test("an export of a function that is not there is refused", () => {
  const bytes = Uint8Array.from([...header, 7, 5, 1, 1, 0x66, 0, 9]);
  expect(problemOf(bytes)).toMatchObject({ code: "MODULE_INVALID" });
});

const refusals = [undefined, "MODULE_INVALID", "MODULE_UNSUPPORTED"];

test("random bytes after a header never do worse than being refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, withHeader) => {
      const input = withHeader ? Uint8Array.from([...header, ...bytes]) : bytes;
      expect(refusals).toContain(problemOf(input)?.code);
    }),
    { numRuns: 2_000 },
  );
});

test("a damaged module never does worse than being refused", async () => {
  const modules = [await assemble(addText), await assemble(printingText("hello"))];
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...modules), damage, fc.nat(), (module, changes, cut) => {
      const bytes = module.slice(0, module.length - (cut % 20));
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      expect(refusals).toContain(problemOf(bytes)?.code);
    }),
    { numRuns: 5_000 },
  );
});
