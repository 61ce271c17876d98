import { afterAll, beforeAll, expect, it } from "vitest";
import { createApi } from "../../src/api/server.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { idleTask } from "../../src/model/testing/task.ts";
import { type Rig, startRig } from "../support/rig.ts";

let rig: Rig;
let api: Awaited<ReturnType<typeof createApi>>;

beforeAll(async () => {
  rig = await startRig();
  api = await createApi({ manager: rig.manager, port: 0, version: "dev" });
  const states = [TaskState.Failed, TaskState.Completed, TaskState.Failed];
  await rig.store.commit(
    states.map((state, index) => ({
      kind: "task" as const,
      task: idleTask({ id: `t${index}`, state, metadata: { n: index } }),
    })),
  );
});
afterAll(async () => {
  await api.close();
  await rig.close();
});

const list = async (query: string) => {
  const response = await fetch(`${api.url}/tasks?${query}`);
  const { total, tasks, error } = (await response.json()) as {
    total?: number;
    tasks?: { id: string }[];
    error?: string;
  };
  return { status: response.status, total, ids: tasks?.map(({ id }) => id), error };
};

it("lists tasks of one state, alone and with what their metadata contain", async () => {
  expect(await list("state=failed&limit=1")).toMatchObject({ total: 2, ids: ["t0"] });
  expect(await list("state=Completed")).toMatchObject({ total: 1, ids: ["t1"] });
  expect(await list(`state=failed&metadata=${encodeURIComponent('{"n":2}')}`)).toMatchObject({ ids: ["t2"] });
});

it("lists the newest first where it is asked to, page by page, with a filter and without", async () => {
  expect(await list("order=newest&limit=2")).toMatchObject({ total: 3, ids: ["t2", "t1"] });
  expect(await list("order=newest&limit=2&offset=2")).toMatchObject({ ids: ["t0"] });
  expect(await list("order=newest&state=failed")).toMatchObject({ ids: ["t2", "t0"] });
  const some = encodeURIComponent("{}");
  expect(await list(`order=newest&metadata=${some}`)).toMatchObject({ total: 3, ids: ["t2", "t1", "t0"] });
  expect(await list("order=latest")).toMatchObject({ status: 400 });
});

it("refuses a state that is none, by its name", async () => {
  expect(await list("state=done")).toMatchObject({
    status: 400,
    error: expect.stringContaining('invalid state: "done"'),
  });
});
