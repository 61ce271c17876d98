import fc from "fast-check";
import { expect, test } from "vitest";
import { type Amounts, covers } from "./demand.ts";
import { createOrderedSet } from "./ordered-set.ts";

interface Item {
  at: number;
  has: Amounts;
}

const amounts = fc.record({
  slots: fc.integer({ min: -3, max: 3 }),
  cpuMillis: fc.integer({ min: -3, max: 3 }),
  memoryBytes: fc.integer({ min: -3, max: 3 }),
});
const step = fc.record({ at: fc.integer({ min: 0, max: 30 }), has: amounts, needs: amounts });

test("the set holds what a sorted list would, and finds in it the first that covers some needs", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const set = createOrderedSet<Item>(
        (a, b) => a.at - b.at,
        ({ has }) => has,
      );
      let model: Item[] = [];
      for (const { at, has, needs } of steps) {
        const known = model.find((item) => item.at === at);
        if (known !== undefined) set.delete(known);
        else set.add({ at, has });
        model = known === undefined ? [...model, { at, has }] : model.filter((item) => item !== known);
        model.sort((a, b) => a.at - b.at);
        expect(set.size).toBe(model.length);
        expect(set.first()).toEqual(model[0]);
        const even = (item: Item) => item.at % 2 === 0;
        expect(set.firstCovering(needs)).toEqual(model.find((item) => covers(item.has, needs)));
        expect(set.firstCovering(needs, even)).toEqual(
          model.find((item) => covers(item.has, needs) && even(item)),
        );
      }
      expect(model).toEqual([...model].sort((a, b) => a.at - b.at));
    }),
  );
});

test("each change and each search compares O(log n) items", () => {
  for (const count of [100, 10_000]) {
    let compared = 0;
    const set = createOrderedSet<Item>(
      (a, b) => {
        compared += 1;
        return a.at - b.at;
      },
      ({ has }) => has,
    );
    const items = Array.from({ length: count }, (_, index) => {
      const at = (index * 7_919) % count;
      return { at, has: { slots: at, cpuMillis: 0, memoryBytes: 0 } };
    });
    for (const item of items) set.add(item);
    let seen = 0;
    for (const { at, has } of items) {
      const found = set.firstCovering(has, (item) => {
        seen += 1;
        return item.at === at;
      });
      expect(found?.at).toBe(at);
      set.delete({ at, has });
    }
    expect(set.size).toBe(0);
    expect(seen).toBe(count);
    expect(compared).toBeLessThan(2 * count * 2 * Math.log2(count));
  }
});
