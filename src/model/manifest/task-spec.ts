/** From a task that no manifest made to the spec that would make it. */
import type { Task } from "../task.ts";
import { defined, definedOrNone } from "./defined.ts";
import { durationText } from "./duration.ts";
import type { FunctionSpec } from "./function.ts";
import type { GroupedTaskSpec } from "./grouped-task.ts";
import type { TaskSpec } from "./task.ts";

/** The spec of `task`. Its module is named by its digest, for the manager that has it. */
export function taskSpecOf(task: Task): TaskSpec {
  return {
    name: task.name,
    ...runOf(task),
    ...defined({
      latent: task.latent || undefined,
      broadcast: task.broadcast || undefined,
      schedule: scheduleOf(task),
      metadata: task.metadata,
    }),
  };
}

/** `names` says what the tasks of its group are called, by their ids. */
export function groupedTaskSpecOf(task: Task, names: ReadonlyMap<string, string>): GroupedTaskSpec {
  return {
    name: task.name,
    ...runOf(task),
    ...defined({
      dependsOn: task.depends_on?.map((id) => names.get(id) ?? id),
      runIf: task.run_if,
      metadata: task.metadata,
    }),
  };
}

export function functionSpecOf(task: Task): FunctionSpec {
  const { inputs, daemon, kind, mode, ...run } = runOf(task);
  return run;
}

function runOf(task: Task): Omit<GroupedTaskSpec, "name" | "dependsOn" | "runIf" | "metadata"> {
  return defined({
    imageUrl: task.image_url,
    moduleDigest: task.module?.digest,
    kind: task.kind === "federated" ? ("federated" as const) : undefined,
    mode: task.mode === "infer" || task.mode === "train" ? task.mode : undefined,
    cliArgs: task.cli_args,
    inputs: task.inputs,
    env: task.env,
    daemon: task.daemon || undefined,
    encrypted: task.encrypted || undefined,
    kbsResourcePath: task.kbs_resource_path,
    halStoragePath: task.hal_storage_path,
    monitoringProfile: monitoringProfileOf(task),
    maxAttempts: task.max_attempts,
    priority: task.priority === 50 ? undefined : task.priority,
    limits: limitsOf(task),
    ...placementOf(task),
  });
}

function placementOf({ placement, pinned, proplet_id }: Task) {
  const { policy, proplet_type, tags, device_types, capabilities, resources } = placement ?? {};
  return {
    schedulerPolicy: policy,
    preferredPropletType: proplet_type,
    propletSelector: definedOrNone({
      matchDeviceTypes: device_types,
      matchCapabilities: capabilities,
      matchTags: tags,
      propletId: pinned ? proplet_id : undefined,
    }),
    resourceRequirements: resources && definedOrNone({ cpu: resources.cpu, memory: resources.memory }),
  };
}

function limitsOf({ limits }: Task): TaskSpec["limits"] {
  if (limits === undefined) return undefined;
  const { wall_time_ms, memory_bytes } = limits;
  return definedOrNone({
    wallTime: wall_time_ms === undefined ? undefined : durationText(wall_time_ms),
    memory: memory_bytes,
  });
}

function scheduleOf({ schedule, timezone, is_recurring, catch_up }: Task): TaskSpec["schedule"] {
  if (!schedule) return undefined;
  const recurring = is_recurring === true ? undefined : false;
  return { cron: schedule, ...defined({ timezone, recurring, catchUp: catch_up }) };
}

function monitoringProfileOf({ monitoring_profile: profile }: Task): TaskSpec["monitoringProfile"] {
  if (profile === undefined) return undefined;
  return {
    enabled: profile.enabled,
    ...defined({
      interval: profile.interval,
      collectCpu: profile.collect_cpu,
      collectMemory: profile.collect_memory,
      collectDiskIo: profile.collect_disk_io,
      collectThreads: profile.collect_threads,
      collectFileDescriptors: profile.collect_file_descriptors,
      exportToMqtt: profile.export_to_mqtt,
      retainHistory: profile.retain_history,
      historySize: profile.history_size,
    }),
  };
}
