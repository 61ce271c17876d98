import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DagNode, dagFlaw, dagLayers, runsAfter } from "./dag.ts";

/** A graph without circles, in an order that doesn't show it: each task depends on some that were drawn before it. */
const anyDag = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 40 })
  .chain((picks) => {
    const nodes: DagNode[] = picks.map((chosen, index) => ({
      id: `t${index}`,
      name: `t${index}`,
      depends_on: index === 0 ? [] : [...new Set(chosen.map((n) => `t${n % index}`))],
    }));
    return fc.shuffledSubarray(nodes, { minLength: nodes.length, maxLength: nodes.length });
  });

describe("dagFlaw", () => {
  it("finds nothing wrong with a graph without circles, whatever its order", () => {
    fc.assert(
      fc.property(anyDag, (nodes) => {
        expect(dagFlaw(nodes)).toBeUndefined();
      }),
    );
  });

  it("finds a circle wherever one edge closes it, and names only tasks that stand in it", () => {
    fc.assert(
      fc.property(anyDag, fc.nat(), (nodes, pick) => {
        const layers = dagLayers(nodes);
        const first = layers[0]?.[pick % (layers[0]?.length ?? 1)];
        const below = first === undefined ? [] : descendants(nodes, first.id);
        fc.pre(first !== undefined && below.length > 0);
        const last = below[pick % below.length];
        const closed = nodes.map((node) =>
          node.id === first?.id ? { ...node, depends_on: [last ?? ""] } : node,
        );
        const named = dagFlaw(closed)?.split(": ")[1]?.split(" → ") ?? [];
        expect(named.length).toBeGreaterThan(2);
        expect(named[0]).toBe(named.at(-1));
        for (const [index, name] of named.slice(0, -1).entries()) {
          expect(closed.find(({ id }) => id === name)?.depends_on).toContain(named[index + 1]);
        }
      }),
    );
  });

  it("says at once of ten thousand tasks in one row that they are in order", () => {
    const row = Array.from({ length: 10_000 }, (_, index) => ({
      id: `t${index}`,
      name: "",
      depends_on: index === 0 ? [] : [`t${index - 1}`],
    }));
    expect(dagFlaw(row)).toBeUndefined();
    expect(dagLayers(row)).toHaveLength(10_000);
  });

  it("names a task that depends on itself, on one that isn't there, or twice on the same", () => {
    const a = { id: "1", name: "a" };
    expect(dagFlaw([{ ...a, depends_on: ["1"] }])).toBe("task a (1) depends on itself");
    expect(dagFlaw([{ ...a, depends_on: ["9"] }])).toBe("task a (1) depends on 9, which does not exist");
    expect(dagFlaw([a, { id: "2", name: "b", depends_on: ["1", "1"] }])).toBe(
      "task b (2) depends twice on 1",
    );
    expect(dagFlaw([a, a])).toBe("two tasks have the id 1");
  });
});

describe("dagLayers", () => {
  it("puts each task right after the last of those it depends on, and leaves none out", () => {
    fc.assert(
      fc.property(anyDag, (nodes) => {
        const layers = dagLayers(nodes);
        const layerOf = new Map(
          layers.flatMap((layer, index) => layer.map(({ id }) => [id, index] as const)),
        );
        expect(layerOf.size).toBe(nodes.length);
        for (const { id, depends_on = [] } of nodes) {
          const above = Math.max(-1, ...depends_on.map((parent) => layerOf.get(parent) ?? Number.NaN));
          expect(layerOf.get(id)).toBe(above + 1);
        }
      }),
    );
  });
});

describe("runsAfter", () => {
  it("wants all parents Completed, or at least one Failed", () => {
    expect(runsAfter({ parents: 2, completed: 2, failed: 0 })).toBe(true);
    expect(runsAfter({ parents: 2, completed: 1, failed: 0 })).toBe(false);
    expect(runsAfter({ parents: 2, completed: 1, failed: 1 }, "failure")).toBe(true);
    expect(runsAfter({ parents: 2, completed: 2, failed: 0 }, "failure")).toBe(false);
    expect(runsAfter({ parents: 0, completed: 0, failed: 0 }, "failure")).toBe(true);
  });
});

function descendants(nodes: readonly DagNode[], id: string): string[] {
  const found = new Set<string>();
  let ids = [id];
  while (ids.length > 0) {
    ids = nodes.flatMap((node) =>
      node.depends_on?.some((parent) => ids.includes(parent)) && !found.has(node.id) ? [node.id] : [],
    );
    for (const child of ids) found.add(child);
  }
  return [...found];
}
