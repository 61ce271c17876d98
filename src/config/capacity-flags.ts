/** The flags by which a proplet says what it can take on, and for which tasks it may be chosen. */
import { Flags } from "@oclif/core";
import { PropError } from "../errors.ts";
import { cpuMillis, memoryBytes } from "../model/quantity.ts";

const quantity = (read: (text: string) => number | undefined, what: string) =>
  Flags.custom<number>({ parse: async (text) => read(text) ?? refuse(text, what) });

const group = { helpGroup: "CAPACITY" };

/** For `prop proplet`; without them it announces what its machine has. */
export const capacityFlags = {
  slots: Flags.integer({
    description: "Tasks at a time (default: twice the cores, at least 4).",
    env: "PROPLET_SLOTS",
    min: 1,
    ...group,
  }),
  cpu: quantity(
    cpuMillis,
    "CPU: write 2, 0.5 or 1500m",
  )({
    description: "CPU that tasks may reserve: 2, 1500m (default: all cores).",
    env: "PROPLET_CPU",
    ...group,
  }),
  memory: quantity(
    memoryBytes,
    "memory: write 512Mi, 4Gi or bytes",
  )({
    description: "Memory that tasks may reserve: 512Mi, 4Gi (default: all of it).",
    env: "PROPLET_MEMORY",
    ...group,
  }),
  type: Flags.option({ options: ["k8s", "external"] as const })({
    description: "Whether it is a pod of a cluster (default: k8s in one, else external).",
    env: "PROPLET_TYPE",
    ...group,
  }),
  "device-type": Flags.string({
    description: "Kind of machine to choose it by: raspberry-pi (default: server).",
    env: "PROPLET_DEVICE_TYPE",
    ...group,
  }),
  capability: Flags.string({
    description: "What it can do, to choose it by: sensor. May be given more than once, or with commas.",
    env: "PROPLET_CAPABILITIES",
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ",",
    ...group,
  }),
};

function refuse(text: string, what: string): never {
  throw new PropError({
    code: "QUANTITY_INVALID",
    message: `"${text}" is no quantity of ${what}`,
    exitCode: 2,
  });
}
