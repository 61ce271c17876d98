import fc from "fast-check";
import { expect, it } from "vitest";
import { createDueTimes } from "./due-times.ts";

it("has the earliest of all tasks first, whatever was set, moved and deleted before", () => {
  const step = fc.record({
    id: fc.integer({ min: 0, max: 20 }),
    at: fc.option(fc.integer({ min: 0, max: 50 })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const due = createDueTimes();
      const model = new Map<string, number>();
      for (const { id, at } of steps) {
        if (at === null) {
          due.delete(`${id}`);
          model.delete(`${id}`);
        } else {
          due.set(`${id}`, at);
          model.set(`${id}`, at);
        }
        const first = due.first();
        expect(first?.at).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        if (first !== undefined) expect(model.get(first.id)).toBe(first.at);
      }
    }),
  );
});
