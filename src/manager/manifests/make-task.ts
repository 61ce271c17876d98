/** Applies a Task: each change of its spec is a new task, which runs in the place of the one before. */

import type { ManifestRecord } from "../../model/manifest/record.ts";
import type { TaskManifest } from "../../model/manifest/task.ts";
import { taskInputOf } from "../../model/manifest/task-input.ts";
import type { TaskInput } from "../../model/task.ts";
import type { Tasks } from "../manager.ts";
import { newId } from "../new-id.ts";
import type { State } from "../state/state.ts";
import { newTask } from "../tasks/validate-task.ts";
import type { Maker } from "./maker.ts";
import type { FileReader } from "./modules.ts";

export interface MakeTaskDependencies {
  state: Pick<State, "find">;
  tasks: Tasks;
  read: FileReader;
  now: () => Date;
}

export function makeTask(
  { metadata, spec }: TaskManifest,
  { state, tasks, read, now }: MakeTaskDependencies,
): Maker {
  const input = async (): Promise<TaskInput> => ({
    ...taskInputOf(metadata.name, spec),
    ...(await read(spec)),
  });
  return {
    warnings: [],
    isCurrent: async ({ object_id }) => (await state.find(object_id)) !== undefined,
    async check() {
      newTask(await input(), now());
    },
    async make(record, before) {
      const id = newId();
      const next: ManifestRecord = {
        ...record,
        object_id: id,
        ...(before === undefined ? {} : { retiring: before.object_id }),
      };
      const also = [{ kind: "manifest" as const, manifest: next }];
      await tasks.create(await input(), { id, also, start: spec.schedule === undefined });
      return next;
    },
  };
}
