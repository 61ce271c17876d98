import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DagTask, drawDag } from "./dag.ts";

const task = (name: string, depends_on: string[] = [], state = "Pending"): DagTask => ({
  id: name,
  name,
  state,
  depends_on,
});
const draw = (tasks: DagTask[], width = 80) => `\n${drawDag(tasks, { width, colours: false })}\n`;

describe("drawDag", () => {
  it("draws a row of tasks one under the other", () => {
    expect(
      draw([task("fetch", [], "Completed"), task("resize", ["fetch"], "Running"), task("put", ["resize"])]),
    ).toBe(`
┌───────────┐
│ fetch     │
│ Completed │
└─────┬─────┘
      │
 ┌────┴────┐
 │ resize  │
 │ Running │
 └────┬────┘
      │
 ┌────┴────┐
 │ put     │
 │ Pending │
 └─────────┘
`);
  });

  it("draws a diamond", () => {
    expect(
      draw([task("top"), task("left", ["top"]), task("right", ["top"]), task("join", ["left", "right"])]),
    ).toBe(`
       ┌─────────┐
       │ top     │
       │ Pending │
       └────┬────┘
     ┌──────┴──────┐
┌────┴────┐   ┌────┴────┐
│ left    │   │ right   │
│ Pending │   │ Pending │
└────┬────┘   └────┬────┘
     └──────┬──────┘
       ┌────┴────┐
       │ join    │
       │ Pending │
       └─────────┘
`);
  });

  it("draws one task before many, and many before one", () => {
    expect(
      draw([task("a"), task("b", ["a"]), task("c", ["a"]), task("d", ["a"]), task("e", ["b", "c", "d"])]),
    ).toBe(`
              ┌─────────┐
              │ a       │
              │ Pending │
              └────┬────┘
     ┌─────────────┼─────────────┐
┌────┴────┐   ┌────┴────┐   ┌────┴────┐
│ b       │   │ c       │   │ d       │
│ Pending │   │ Pending │   │ Pending │
└────┬────┘   └────┬────┘   └────┬────┘
     └─────────────┼─────────────┘
              ┌────┴────┐
              │ e       │
              │ Pending │
              └─────────┘
`);
  });

  it("leads an edge past the layers that it skips", () => {
    expect(draw([task("a"), task("b", ["a"]), task("c", ["a", "b"])])).toBe(`
     ┌─────────┐
     │ a       │
     │ Pending │
     └────┬────┘
     ┌────┴────┐
┌────┴────┐    │
│ b       │    │
│ Pending │    │
└────┬────┘    │
     └────┬────┘
     ┌────┴────┐
     │ c       │
     │ Pending │
     └─────────┘
`);
  });

  it("keeps lines apart where the tasks after two others are partly the same", () => {
    const tasks = [task("a"), task("b"), task("c", ["a", "b"]), task("d", ["a", "b"]), task("e", ["b"])];
    expect(draw(tasks)).toBe(`
    ┌─────────┐   ┌─────────┐
    │ a       │   │ b       │
    │ Pending │   │ Pending │
    └────┬────┘   └────┬────┘
     ┌───┴─────────┐   │
     ├─────────────┼───┴─────────┐
┌────┴────┐   ┌────┴────┐   ┌────┴────┐
│ c       │   │ d       │   │ e       │
│ Pending │   │ Pending │   │ Pending │
└─────────┘   └─────────┘   └─────────┘
`);
  });

  it("is an indented list where the terminal is too narrow", () => {
    expect(
      draw([task("top"), task("left", ["top"]), task("right", ["top"]), task("join", ["left", "right"])], 20),
    ).toBe(`
top       Pending
  left    Pending  after top
  right   Pending  after top
    join  Pending  after left, right
`);
  });

  it("colours states where colours are shown, and nothing else", () => {
    const tasks = [task("a", [], "Failed"), task("b", ["a"], "Skipped")];
    const text = drawDag(tasks, { width: 80, colours: true });
    expect(text).toContain("\u001b[31mFailed\u001b[39m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such
    expect(text.replaceAll(/\u001b\[\d+m/g, "")).toBe(drawDag(tasks, { width: 80, colours: false }));
  });

  it("never draws wider than the terminal, and shows every task with its state, whatever the graph", () => {
    const anyTasks = fc
      .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 25 })
      .map((picks) =>
        picks.map((chosen, index) =>
          task(`t${index}.`, index === 0 ? [] : [...new Set(chosen.map((n) => `t${n % index}.`))]),
        ),
      );
    fc.assert(
      fc.property(anyTasks, fc.integer({ min: 60, max: 160 }), (tasks, width) => {
        const text = drawDag(tasks, { width, colours: false });
        if (text.includes("┌")) {
          expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(width);
        }
        for (const { name } of tasks) expect(text).toContain(name);
        expect(text.match(/Pending/g)).toHaveLength(tasks.length);
      }),
    );
  });
});
