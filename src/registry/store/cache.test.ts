import fc from "fast-check";
import { expect, test } from "vitest";
import { choosePruned } from "./cache.ts";

const blob = fc.record({
  digest: fc.uuid(),
  sizeBytes: fc.nat(1_000),
  usedAtMs: fc.nat(1_000),
});
const bytesOf = (blobs: readonly { sizeBytes: number }[]) =>
  blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

test("what stays is young enough and no larger than it may be, and what goes had to", () => {
  fc.assert(
    fc.property(fc.array(blob), fc.nat(1_000), fc.nat(5_000), (blobs, beforeMs, maxBytes) => {
      const gone = choosePruned(blobs, { beforeMs, maxBytes });
      const kept = blobs.filter((one) => !gone.includes(one));
      expect(bytesOf(kept)).toBeLessThanOrEqual(maxBytes);
      expect(kept.every(({ usedAtMs }) => usedAtMs >= beforeMs)).toBe(true);
      const last = gone.at(-1);
      // The youngest that went was old, or too much with what stays.
      if (last !== undefined && last.usedAtMs >= beforeMs) {
        expect(bytesOf(kept) + last.sizeBytes).toBeGreaterThan(maxBytes);
      }
    }),
  );
});

test("without a rule nothing goes", () => {
  expect(choosePruned([{ digest: "a", sizeBytes: 1, usedAtMs: 0 }], {})).toEqual([]);
});
