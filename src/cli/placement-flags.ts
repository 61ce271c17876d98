/** The flags that say where a task may run. */
import { Flags } from "@oclif/core";
import { PropError } from "../errors.ts";
import { cpuMillis, memoryBytes } from "../model/quantity.ts";
import type { TaskInput } from "../model/task.ts";

export const policyNames = ["hybrid", "least-loaded", "round-robin", "bin-pack"] as const;

const helpGroup = "PLACEMENT";
const several = (description: string) =>
  Flags.string({ description, helpGroup, multiple: true, multipleNonGreedy: true });

/** What the manager reads too, and says with less context. */
const quantity = (read: (text: string) => number | undefined, like: string) =>
  Flags.custom<string>({
    parse: async (text) => {
      if (read(text) !== undefined) return text;
      throw new PropError({
        code: "QUANTITY_INVALID",
        message: `"${text}" is not a quantity`,
        hint: `Write it like ${like}.`,
        exitCode: 2,
      });
    },
  });

export const placementFlags = {
  policy: Flags.option({ options: policyNames })({
    description: "Which of the proplets that fit gets it (default: the manager's own).",
    helpGroup,
  }),
  tag: several("A tag that the proplet has; all of them, where there are several."),
  "device-type": several("What the proplet is; one of them, where there are several."),
  capability: several("What the proplet can do; all of them, where there are several."),
  "proplet-type": Flags.option({ options: ["k8s", "external", "any"] as const })({
    description: "A pod of a cluster, or what is outside of it.",
    helpGroup,
  }),
  "request-cpu": quantity(
    cpuMillis,
    "500m, 2 or 0.5",
  )({
    description: "CPU to keep for it: 500m, 2.",
    helpGroup,
  }),
  "request-memory": quantity(
    memoryBytes,
    "256Mi, 4Gi or a number of bytes",
  )({
    description: "Memory to keep for it: 256Mi, 4Gi.",
    helpGroup,
  }),
  "max-attempts": Flags.integer({
    description: "Attempts that may be lost with their proplets (default: the manager's own).",
    helpGroup,
    min: 1,
  }),
};

export interface PlacementFlags {
  policy?: (typeof policyNames)[number] | undefined;
  tag?: string[] | undefined;
  "device-type"?: string[] | undefined;
  capability?: string[] | undefined;
  "proplet-type"?: "k8s" | "external" | "any" | undefined;
  "request-cpu"?: string | undefined;
  "request-memory"?: string | undefined;
  "max-attempts"?: number | undefined;
}

/** What the flags say of a task; nothing where none is given. */
export function placementOf(flags: PlacementFlags): Pick<TaskInput, "placement" | "max_attempts"> {
  const { policy, tag: tags, capability: capabilities } = flags;
  const { "device-type": device_types, "proplet-type": proplet_type, "max-attempts": max_attempts } = flags;
  const { "request-cpu": cpu, "request-memory": memory } = flags;
  const resources = given({ cpu, memory });
  const placement = given({ policy, proplet_type, tags, device_types, capabilities, resources });
  return { ...(placement && { placement }), ...(max_attempts && { max_attempts }) };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that are set; undefined where none is. */
function given<T extends object>(fields: T): Given<T> | undefined {
  const set: Given<T> = {};
  let isEmpty = true;
  for (const key in fields) {
    const value = fields[key];
    if (value === undefined) continue;
    Object.assign(set, { [key]: value });
    isEmpty = false;
  }
  return isEmpty ? undefined : set;
}
