/** Which proplets have which module, as far as this manager saw: where one ran, it still is until that proplet restarts. */
import { hasFeature, type Proplet } from "../../model/proplet.ts";
import { knownModule, type Task } from "../../model/task.ts";
import { TaskState } from "../../model/task-state.ts";

export interface CachedModules {
  /** A task was taken over or ended somewhere: its module is there. */
  seen(task: Task): void;
  /** Ids of proplets that have a task's module. */
  holders(task: Task): string[];
}

/** More would be looked at for each placement, and would not be faster. */
const HOLDERS_KEPT = 32;
const MODULES_KEPT = 20_000;

export function createCachedModules(proplets: ReadonlyMap<string, Proplet>): CachedModules {
  /** By digest, then by proplet: the boot it was in. Oldest first. */
  const modules = new Map<string, Map<string, string | undefined>>();

  return {
    seen(task) {
      const digest = knownModule(task)?.digest;
      const proplet = proplets.get(task.proplet_id ?? "");
      const isThere = task.state === TaskState.Running || task.state === TaskState.Completed;
      if (!isThere || digest === undefined || proplet === undefined || !hasFeature(proplet, "digest")) return;
      const holders = modules.get(digest) ?? new Map<string, string | undefined>();
      renew(modules, digest, holders, MODULES_KEPT);
      renew(holders, proplet.id, proplet.boot_id, HOLDERS_KEPT);
    },
    holders(task) {
      const holders = modules.get(knownModule(task)?.digest ?? "");
      if (holders === undefined) return [];
      return [...holders].flatMap(([id, bootId]) => {
        const proplet = proplets.get(id);
        return proplet !== undefined && proplet.boot_id === bootId ? [id] : [];
      });
    },
  };
}

/** Sets an entry as the newest, and drops the oldest where there are too many. */
function renew<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
