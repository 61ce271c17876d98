/** Graphs that nobody thought of: whatever depends on whatever, each task runs or is skipped as the contract says. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGroupRuns } from "../../src/manager/groups/group-runs.ts";
import { createGroups } from "../../src/manager/groups/groups.ts";
import { createWorkflows } from "../../src/manager/groups/workflows.ts";
import { createEventLog } from "../../src/manager/state/event-log.ts";
import { createState } from "../../src/manager/state/state.ts";
import { runsAfter } from "../../src/model/dag.ts";
import { isEnded, TaskState } from "../../src/model/task-state.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";
import { silentLog as log } from "../support/rig.ts";

let directory: string;
let store: Store;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "prop-graphs-"));
  store = openSqliteStore({ path: join(directory, "prop.db") });
});
afterAll(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

const now = () => new Date();
const anyGraph = fc.array(
  fc.record({
    parents: fc.array(fc.nat(), { maxLength: 3 }),
    runIf: fc.constantFrom("success" as const, "failure" as const),
    fails: fc.boolean(),
  }),
  { minLength: 1, maxLength: 20 },
);

test("each task of a workflow begins after all it depends on, and only where its run_if holds", async () => {
  await fc.assert(
    fc.asyncProperty(anyGraph, fc.infiniteStream(fc.nat()), async (picks, choices) => {
      const state = createState({
        snapshot: await store.load(),
        store,
        events: createEventLog(now),
        log,
        now,
      });
      const groups = createGroups({ state, store });
      const stop = () => Promise.reject(new Error("nothing is stopped here"));
      const runs = createGroupRuns({ state, store, groups, tasks: { stop }, log });
      const workflows = createWorkflows({ state, store, groups, runs, now });
      const { id, tasks } = await workflows.create({
        tasks: picks.map(({ parents, runIf }, index) => ({
          name: `t${index}`,
          image_url: "example.org/x:1",
          run_if: runIf,
          depends_on: index === 0 ? [] : [...new Set(parents.map((n) => `t${n % index}`))],
        })),
      });
      await workflows.start(id);
      const stateOf = (taskId: string) => state.tasks.get(taskId)?.state ?? TaskState.Pending;
      for (;;) {
        const queued = tasks.flatMap((task) => (state.tasks.get(task.id)?.queued_at ? [task] : []));
        const task = queued[choices.next().value % Math.max(1, queued.length)];
        if (task === undefined) break;
        for (const parent of task.depends_on ?? []) expect(isEnded(stateOf(parent))).toBe(true);
        state.apply(task, { type: "dispatch", propletId: "p", acknowledges: false });
        const fails = picks[Number(task.name.slice(1))]?.fails;
        state.apply(task, fails ? { type: "fail", error: "boom" } : { type: "complete", results: "1" });
        await state.saved();
      }
      for (const task of tasks) {
        const parents = (task.depends_on ?? []).map(stateOf);
        const of = (wanted: TaskState) => parents.filter((parent) => parent === wanted).length;
        const tally = {
          parents: parents.length,
          completed: of(TaskState.Completed),
          failed: of(TaskState.Failed),
        };
        const ran = picks[Number(task.name.slice(1))]?.fails ? TaskState.Failed : TaskState.Completed;
        expect(stateOf(task.id)).toBe(runsAfter(tally, task.run_if) ? ran : TaskState.Skipped);
      }
      for (const task of tasks) expect(groups.nodeOf(task.id)).toBeUndefined();
      groups.close();
      await workflows.delete(id);
    }),
    { numRuns: 60 },
  );
});
