import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createMemoryState, type MemoryState } from "../../../test/support/memory-state.ts";
import type { PlacementInput } from "../../model/placement.ts";
import { hasFeature, type Proplet } from "../../model/proplet.ts";
import { DEFAULT_PRIORITY, type Task } from "../../model/task.ts";
import { isActive, TaskState } from "../../model/task-state.ts";
import { idleTask } from "../../model/testing/task.ts";
import { type Candidate, candidateOf } from "../../scheduler/candidate.ts";
import { demandOf, NOTHING, needsOf } from "../../scheduler/demand.ts";
import { fits, place } from "../../scheduler/place.ts";
import { anyAsk, anyProplet, testProplet } from "../../scheduler/testing/candidates.ts";
import { createDispatcher, type Dispatcher } from "./dispatcher.ts";

const closing: Dispatcher[] = [];
afterEach(() => {
  for (const dispatcher of closing.splice(0)) dispatcher.close();
});

interface Begun {
  task: Task;
  proplet: Proplet;
}

function startDispatcher(
  options: { state?: MemoryState; connected?: () => boolean; onBegin?: (begun: Begun) => void } = {},
) {
  const { state = createMemoryState(), connected = () => true, onBegin = () => {} } = options;
  const begun: string[] = [];
  const attempts = {
    begin(task: Task, proplet: Proplet) {
      onBegin({ task, proplet });
      begun.push(`${task.id} ${proplet.id}`);
      state.apply(task.id, { type: "dispatch", propletId: proplet.id, acknowledges: false });
    },
  };
  const dispatcher = createDispatcher({ state, attempts, connected, policy: "hybrid" });
  closing.push(dispatcher);
  return { state, dispatcher, begun };
}

let queued = 0;

function queue(state: MemoryState, id: string, fields: Partial<Task> = {}, placement: PlacementInput = {}) {
  state.put(idleTask({ id, placement, ...fields, queued_at: new Date(++queued).toISOString() }));
}

const end = (state: MemoryState, id: string) => state.apply(id, { type: "complete", results: "" });

/** As long as something is placed, the next turn places more. */
async function settled(begun: readonly unknown[]): Promise<void> {
  let before: number;
  do {
    before = begun.length;
    await turn();
    await turn();
  } while (begun.length > before);
}

describe("placement by the index", () => {
  /** The same, looked up in the whole state each time. */
  function createModel(state: MemoryState) {
    const seats = new Map<string, number>();
    const turns = new Map<string, number>();
    const cached = new Set<string>();
    let count = 0;
    state.onProplet((id, proplet, before) => {
      if (proplet === undefined || before === undefined) turns.delete(id);
      if (before === undefined) seats.set(id, ++count);
    });

    function candidates(task: Task): Candidate[] {
      return [...state.proplets.values()].map((proplet) => {
        const held = [...state.tasks.values()]
          .filter(({ state: now, proplet_id }) => isActive(now) && proplet_id === proplet.id)
          .map(needsOf)
          .reduce(
            (sum, needs) => ({
              slots: sum.slots + needs.slots,
              cpuMillis: sum.cpuMillis + needs.cpuMillis,
              memoryBytes: sum.memoryBytes + needs.memoryBytes,
              residents: sum.residents + needs.residents,
            }),
            NOTHING,
          );
        const standing = { held, lastTurn: turns.get(proplet.id) ?? 0, seat: seats.get(proplet.id) ?? 0 };
        const has = cached.has(`${task.module?.digest} ${proplet.id} ${proplet.boot_id}`);
        return { ...candidateOf(proplet, standing), cached: has };
      });
    }

    const waiting = () => [...state.tasks.values()].filter(({ queued_at }) => queued_at !== undefined);
    const priority = (task: Task) => task.priority ?? DEFAULT_PRIORITY;
    const isBefore = (a: Task, b: Task) =>
      priority(a) > priority(b) ||
      (priority(a) === priority(b) && Date.parse(a.queued_at ?? "") < Date.parse(b.queued_at ?? ""));

    return {
      /** Of two that fit the same proplet the one that is first in the line goes there, and it goes where its policy says. */
      check({ task, proplet }: Begun) {
        const all = candidates(task);
        expect(place(demandOf(task, "hybrid"), all)?.id).toBe(proplet.id);
        const there = all.find(({ id }) => id === proplet.id);
        const passedOver = waiting().filter(
          (other) => there !== undefined && isBefore(other, task) && fits(demandOf(other, "hybrid"), there),
        );
        expect(passedOver).toEqual([]);
        turns.set(proplet.id, ++count);
        if (hasFeature(proplet, "digest"))
          cached.add(`${task.module?.digest} ${proplet.id} ${proplet.boot_id}`);
      },
      /** Nothing waits that could run. */
      checkAtRest(dispatcher: Dispatcher) {
        for (const task of waiting()) {
          expect(place(demandOf(task, "hybrid"), candidates(task))).toBeUndefined();
          expect(dispatcher.waitsFor(task.id)).toEqual(expect.any(String));
          expect(dispatcher.explain(task).proplets.every((proplet) => !proplet.fits)).toBe(true);
        }
      },
    };
  }

  const ids = ["p0", "p1", "p2", "p3", "p4", "p5"];
  const comes = fc.constantFrom(...ids).chain((id) =>
    fc.record({
      does: fc.constant("comes" as const),
      proplet: anyProplet(id),
      boot: fc.constantFrom("x", "y"),
    }),
  );
  const step = fc.oneof(
    { weight: 3, arbitrary: comes },
    {
      weight: 6,
      arbitrary: fc.record({
        does: fc.constant("asks" as const),
        ask: anyAsk(ids),
        times: fc.integer({ min: 1, max: 12 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant("ends" as const),
        which: fc.nat(),
        times: fc.integer({ min: 1, max: 6 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant("goes" as const), id: fc.constantFrom(...ids) }) },
    { weight: 4, arbitrary: fc.record({ does: fc.constant("turns" as const) }) },
  );

  test("is what the filters and policies say of the whole state, at each step", async () => {
    let placements = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const state = createMemoryState();
        const model = createModel(state);
        const { dispatcher, begun } = startDispatcher({ state, onBegin: model.check });
        let number = 0;
        for (const next of steps) {
          if (next.does === "comes")
            state.putProplet({
              ...next.proplet,
              boot_id: next.boot,
              features: next.boot === "x" ? ["digest"] : [],
            });
          if (next.does === "goes") state.removeProplet(next.id);
          for (let time = 0; next.does === "asks" && time < next.times; time++)
            queue(state, `t${++number}`, next.ask, next.ask.placement);
          for (let time = 0; next.does === "ends" && time < next.times; time++) {
            const running = [...state.tasks.values()].filter((task) => isActive(task.state));
            const one = running[next.which % Math.max(1, running.length)];
            if (one !== undefined) end(state, one.id);
          }
          if (next.does !== "turns") continue;
          await settled(begun);
          model.checkAtRest(dispatcher);
        }
        await settled(begun);
        model.checkAtRest(dispatcher);
        placements += begun.length;
        dispatcher.close();
      }),
      { numRuns: 300 },
    );
    expect(placements).toBeGreaterThan(1_000);
  });
});

describe("a dispatcher", () => {
  test("spreads tasks evenly over equal proplets", async () => {
    const { state, begun } = startDispatcher();
    for (let index = 0; index < 7; index++)
      state.putProplet(testProplet(`p${index}`, { capacity: { slots: 4 } }));
    for (let index = 0; index < 700; index++) {
      queue(state, `t${index}`);
      await settled(begun);
      end(state, `t${index}`);
    }
    const counts = Map.groupBy(begun, (line) => line.split(" ")[1]);
    expect([...counts.values()].map((lines) => lines.length)).toEqual(Array(7).fill(100));
  });

  test("lets no group starve another: of equals the oldest goes first, whatever it asks for", async () => {
    const { state, begun } = startDispatcher();
    for (let index = 0; index < 30; index++) {
      queue(state, `plain${index}`);
      queue(state, `tagged${index}`, {}, { tags: ["a"] });
    }
    state.putProplet(testProplet("p", { metadata: { tags: ["a"] } }));
    await settled(begun);
    const inTurn = Array.from({ length: 30 }, (_, index) => [`plain${index} p`, `tagged${index} p`]).flat();
    expect(begun).toEqual(inTurn.slice(0, 8));
    for (const line of inTurn) {
      end(state, line.split(" ")[0] ?? "");
      await settled(begun);
    }
    expect(begun).toEqual(inTurn);
  });

  test("places a task of a higher priority first, also one that came later and asks for something else", async () => {
    const { state, begun } = startDispatcher();
    state.putProplet(testProplet("p", { metadata: { tags: ["a"] } }));
    for (let index = 0; index < 8; index++) queue(state, `first${index}`);
    await settled(begun);
    queue(state, "plain");
    queue(state, "urgent", { priority: 90 }, { tags: ["a"] });
    end(state, "first0");
    await settled(begun);
    expect(begun.at(-1)).toBe("urgent p");
  });

  test("places nothing while the broker is away, and all of it when it is back", async () => {
    let isThere = false;
    const { state, dispatcher, begun } = startDispatcher({ connected: () => isThere });
    state.putProplet(testProplet("p"));
    queue(state, "t");
    await settled(begun);
    expect(begun).toEqual([]);
    expect(dispatcher.waitsFor("t")).toBe("the broker can't be reached");
    isThere = true;
    dispatcher.wake();
    await settled(begun);
    expect(begun).toEqual(["t p"]);
  });

  test("puts a task that changes while it waits in the line anew", async () => {
    const { state, dispatcher, begun } = startDispatcher();
    queue(state, "t", { pinned: true, proplet_id: "gone" });
    state.putProplet(testProplet("p"));
    await settled(begun);
    expect(dispatcher.waitsFor("t")).toBe("proplet gone is not known");
    const task = state.tasks.get("t");
    if (task !== undefined) state.put({ ...task, proplet_id: "p" });
    await settled(begun);
    expect(begun).toEqual(["t p"]);
  });

  test("looks at no task that waits for something else, however many do", async () => {
    const { state, begun } = startDispatcher();
    for (let index = 0; index < 500; index++) {
      queue(state, `pinned${index}`, { pinned: true, proplet_id: `gone${index}` });
      queue(state, `tagged${index}`, {}, { tags: [`none${index}`] });
      queue(state, `large${index}`, {}, { resources: { memory: `${index + 1}Gi` } });
    }
    state.putProplet(testProplet("p", { capacity: { slots: 1, memory_bytes: 2 ** 29 } }));
    await settled(begun);
    const looked = vi.spyOn(state.tasks, "get");
    for (let index = 0; index < 10; index++) queue(state, `t${index}`);
    await settled(begun);
    end(state, "t0");
    await settled(begun);
    expect(begun).toHaveLength(9);
    expect(new Set(looked.mock.calls.flat().filter((id) => /^(pinned|tagged|large)/.test(id)))).toEqual(
      new Set(),
    );
  });

  test("leaves broadcasts to others", async () => {
    const { state, begun } = startDispatcher();
    state.putProplet(testProplet("p"));
    queue(state, "t", { broadcast: true });
    await settled(begun);
    expect({ begun, state: state.tasks.get("t")?.state }).toEqual({ begun: [], state: TaskState.Pending });
  });

  test("goes to a proplet that has the module, until that one starts anew", async () => {
    const { state, begun } = startDispatcher();
    const module = { digest: "sha256:a", sizeBytes: 1, preview: "" };
    const ours = (id: string, boot: string) =>
      testProplet(id, { capacity: { slots: 2 }, features: ["digest"], boot_id: boot });
    for (const id of ["p1", "p2"]) state.putProplet(ours(id, "1"));
    for (const id of ["a", "b"]) {
      queue(state, id, { module });
      await settled(begun);
      end(state, id);
    }
    state.putProplet(ours("p1", "2"));
    queue(state, "c", { module });
    await settled(begun);
    expect(begun).toEqual(["a p1", "b p1", "c p2"]);
  });

  test("spreads latent tasks of one module over proplets, as far as they stay", async () => {
    const { state, begun } = startDispatcher();
    const module = { digest: "sha256:a", sizeBytes: 1, preview: "" };
    for (const id of ["p1", "p2", "p3"])
      state.putProplet(testProplet(id, { features: ["digest"], capacity: { slots: 2 } }));
    for (const id of ["a", "b", "c", "d"]) {
      queue(state, id, { module, latent: true });
      await settled(begun);
    }
    expect(begun).toEqual(["a p1", "b p2", "c p3", expect.stringMatching("^d ")]);
    state.apply("b", { type: "interrupt" });
    queue(state, "e", { module, latent: true });
    await settled(begun);
    expect(begun.at(-1)).toBe("e p2");
  });

  test("knows at its start what waits and what runs", async () => {
    const state = createMemoryState();
    state.putProplet(testProplet("p"));
    for (let index = 0; index < 7; index++)
      state.put(idleTask({ id: `r${index}`, state: TaskState.Running, proplet_id: "p" }));
    queue(state, "old", { queued_at: "2026-01-01T00:00:00.000Z" });
    queue(state, "new");
    const { dispatcher, begun } = startDispatcher({ state });
    dispatcher.wake();
    await settled(begun);
    expect(begun).toEqual(["old p"]);
  });
});
