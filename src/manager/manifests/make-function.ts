/** Applies a Function: each change of its spec is a new revision. */
import { PropError } from "../../errors.ts";
import type { FunctionManifest } from "../../model/manifest/function.ts";
import type { ManifestRecord } from "../../model/manifest/record.ts";
import { DEFAULT_NAMESPACE } from "../../model/manifest/resource.ts";
import { functionInputOf } from "../../model/manifest/task-input.ts";
import type { TaskInput } from "../../model/task.ts";
import { isEnded } from "../../model/task-state.ts";
import type { Store } from "../../store/store.ts";
import type { Functions } from "../manager.ts";
import type { State } from "../state/state.ts";
import { newTask } from "../tasks/validate-task.ts";
import type { Maker } from "./maker.ts";
import type { FileReader } from "./modules.ts";

export interface MakeFunctionDependencies {
  state: Pick<State, "functions" | "find">;
  store: Store;
  functions: Functions;
  read: FileReader;
  now: () => Date;
}

export function makeFunction(
  { metadata: { name, namespace = DEFAULT_NAMESPACE }, spec }: FunctionManifest,
  { state, store, functions, read, now }: MakeFunctionDependencies,
): Maker {
  const input = async (): Promise<TaskInput> => ({
    ...functionInputOf(name, spec),
    latent: true,
    ...(await read(spec)),
  });

  /** A function is invoked by its name alone. */
  async function checkFree(): Promise<void> {
    const [owner] = await store.manifestsOf("Function", [name]);
    if (owner !== undefined && owner.namespace !== namespace) {
      throw new PropError({
        code: "MANIFEST_INVALID",
        message: `function ${name} is there already, by a manifest in namespace ${owner.namespace}`,
        hint: "Functions are invoked by their names: give it another one.",
      });
    }
  }

  return {
    warnings: [],
    async isCurrent({ revision }) {
      const deployed = state.functions.get(name);
      if (deployed === undefined || deployed.revision !== revision) return false;
      const task = await state.find(deployed.task_id);
      return task !== undefined && !isEnded(task.state);
    },
    async check() {
      await checkFree();
      newTask(await input(), now());
    },
    async make(record) {
      await checkFree();
      const { revision } = await functions.deploy(name, await input());
      const next: ManifestRecord = { ...record, object_id: name, revision };
      await store.commit([{ kind: "manifest", manifest: next }]);
      return next;
    },
  };
}
