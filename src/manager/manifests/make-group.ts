/** Applies a Job or a Workflow: each change of its spec is a new one, which runs in the place of the one before. */

import type { GroupedTaskSpec } from "../../model/manifest/grouped-task.ts";
import type { JobManifest } from "../../model/manifest/job.ts";
import type { ManifestRecord } from "../../model/manifest/record.ts";
import { taskInputOf } from "../../model/manifest/task-input.ts";
import type { WorkflowManifest } from "../../model/manifest/workflow.ts";
import type { Store } from "../../store/store.ts";
import { groupTasks } from "../groups/group-tasks.ts";
import type { GroupedTaskInput, Jobs, Workflows, WrittenWith } from "../manager.ts";
import { newId } from "../new-id.ts";
import type { Maker } from "./maker.ts";
import type { FileReader } from "./modules.ts";

export interface MakeGroupDependencies {
  store: Store;
  jobs: Jobs;
  workflows: Workflows;
  read: FileReader;
  now: () => Date;
}

export function makeGroup(
  manifest: JobManifest | WorkflowManifest,
  dependencies: MakeGroupDependencies,
): Maker {
  const { store, jobs, workflows, read, now } = dependencies;
  const name = manifest.spec.name ?? manifest.metadata.name;

  async function inputs(): Promise<GroupedTaskInput[]> {
    const tasks: GroupedTaskInput[] = [];
    for (const spec of manifest.spec.tasks) tasks.push(await inputOf(spec, read));
    return tasks;
  }

  async function create(options: WrittenWith): Promise<unknown> {
    const tasks = await inputs();
    if (manifest.kind === "Workflow") return workflows.create({ name, tasks }, options);
    const mode = manifest.spec.executionMode;
    return jobs.create({ name, tasks, ...(mode === undefined ? {} : { execution_mode: mode }) }, options);
  }

  return {
    warnings: [],
    async isCurrent({ object_id: id }) {
      const group = await (manifest.kind === "Job" ? store.job(id) : store.workflow(id));
      return group !== undefined;
    },
    async check() {
      const [ref, code] =
        manifest.kind === "Job"
          ? [{ job_id: newId() }, "JOB_INVALID"]
          : [{ workflow_id: newId() }, "WORKFLOW_INVALID"];
      groupTasks(await inputs(), { ref, now: now(), code });
    },
    async make(record, before) {
      const id = newId();
      const next: ManifestRecord = {
        ...record,
        object_id: id,
        starting: true,
        ...(before === undefined ? {} : { retiring: before.object_id }),
      };
      await create({ id, also: [{ kind: "manifest", manifest: next }] });
      return next;
    },
  };
}

async function inputOf(spec: GroupedTaskSpec, read: FileReader): Promise<GroupedTaskInput> {
  return { ...taskInputOf(spec.name, spec), ...(await read(spec)) };
}
