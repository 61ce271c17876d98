import { gzipSync } from "node:zlib";
import { assert, asyncProperty, constantFrom, uint8Array } from "fast-check";
import { expect, it } from "vitest";
import { unpackModule } from "./unpack.ts";

const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const limit = 10_000;

it("a module comes out as it is, compressed or not", async () => {
  const bytes = Buffer.concat([header, Buffer.alloc(5_000, 7)]);
  for (const layer of [bytes, gzipSync(bytes)]) {
    const unpacked = await unpackModule(layer, limit);
    expect(unpacked.ok && Buffer.compare(unpacked.module, bytes)).toBe(0);
  }
});

it("whatever the bytes are, what comes out is a module within the limit, or a reason", async () => {
  const start = constantFrom(new Uint8Array(), header, Buffer.from("\x1f\x8b\x08", "latin1"), tarHeader());
  const anything = asyncProperty(
    start,
    uint8Array({ maxLength: 2_000 }),
    constantFrom(true, false),
    async (first, rest, isPacked) => {
      const bytes = Buffer.concat([first, rest]);
      const unpacked = await unpackModule(isPacked ? gzipSync(bytes) : bytes, limit);
      if (unpacked.ok) {
        expect([...unpacked.module.subarray(0, 4)]).toEqual([...header.subarray(0, 4)]);
        expect(unpacked.module.byteLength).toBeLessThanOrEqual(limit);
      } else expect(unpacked.reason).toMatch(/./);
    },
  );
  await assert(anything, { numRuns: 500 });
});

/** A header that says that a megabyte follows. */
function tarHeader(): Uint8Array {
  const block = Buffer.alloc(512);
  block.write("00004000000\0", 124);
  block.write("ustar", 257);
  return block;
}
