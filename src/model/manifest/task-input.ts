/** From the spec of a manifest to what the manager is asked for. */
import { memoryBytes } from "../quantity.ts";
import type { TaskInput } from "../task.ts";
import { defined, definedOrNone } from "./defined.ts";
import { durationMs } from "./duration.ts";
import type { FunctionSpec } from "./function.ts";
import type { GroupedTaskSpec } from "./grouped-task.ts";
import type { TaskSpec } from "./task.ts";

/** What a manifest says of one run; its module comes in another way. */
type Run = Partial<TaskSpec> & Partial<Pick<GroupedTaskSpec, "dependsOn" | "runIf">>;

/** The task that `spec` describes, without its module. `name` is what it is called where the spec doesn't say. */
export function taskInputOf(name: string, spec: Run): TaskInput {
  return {
    name: spec.name ?? name,
    ...defined({
      kind: spec.kind,
      image_url: spec.imageUrl,
      cli_args: spec.cliArgs,
      inputs: spec.inputs,
      env: spec.env,
      daemon: spec.daemon,
      latent: spec.latent,
      encrypted: spec.encrypted,
      kbs_resource_path: spec.kbsResourcePath,
      hal_storage_path: spec.halStoragePath,
      mode: spec.mode,
      monitoring_profile: monitoringProfileOf(spec),
      proplet_id: spec.propletSelector?.propletId,
      placement: placementOf(spec),
      limits: limitsOf(spec),
      max_attempts: spec.maxAttempts,
      priority: spec.priority,
      broadcast: spec.broadcast,
      metadata: spec.metadata,
      depends_on: spec.dependsOn,
      run_if: spec.runIf,
      schedule: spec.schedule?.cron,
      timezone: spec.schedule?.timezone,
      is_recurring: spec.schedule === undefined ? undefined : (spec.schedule.recurring ?? true),
      catch_up: spec.schedule?.catchUp,
    }),
  };
}

/** The latent task of a function, without its module. */
export function functionInputOf(
  name: string,
  { export: exported, cliArgs = [], ...spec }: FunctionSpec,
): TaskInput {
  const invoke = exported === undefined ? [] : ["--invoke", exported];
  const all = [...invoke, ...cliArgs];
  return taskInputOf(name, { ...spec, ...(all.length === 0 ? {} : { cliArgs: all }) });
}

function placementOf({
  propletSelector: selector,
  resourceRequirements,
  ...spec
}: Run): TaskInput["placement"] {
  const resources = definedOrNone({ cpu: resourceRequirements?.cpu, memory: resourceRequirements?.memory });
  return definedOrNone({
    policy: spec.schedulerPolicy,
    proplet_type: spec.preferredPropletType,
    tags: selector?.matchTags,
    device_types: selector?.matchDeviceTypes,
    capabilities: selector?.matchCapabilities,
    resources,
  });
}

function limitsOf({ limits }: Run): TaskInput["limits"] {
  if (limits === undefined) return undefined;
  const { wallTime, memory } = limits;
  return definedOrNone({
    wall_time_ms: wallTime === undefined ? undefined : durationMs(wallTime),
    memory_bytes: memory === undefined ? undefined : memoryBytes(memory),
  });
}

function monitoringProfileOf({ monitoringProfile: profile }: Run): TaskInput["monitoring_profile"] {
  if (profile === undefined) return undefined;
  return {
    enabled: profile.enabled,
    ...defined({
      interval: profile.interval,
      collect_cpu: profile.collectCpu,
      collect_memory: profile.collectMemory,
      collect_disk_io: profile.collectDiskIo,
      collect_threads: profile.collectThreads,
      collect_file_descriptors: profile.collectFileDescriptors,
      export_to_mqtt: profile.exportToMqtt,
      retain_history: profile.retainHistory,
      history_size: profile.historySize,
    }),
  };
}
