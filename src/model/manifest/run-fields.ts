/** What is run and how: the fields that a task, a task of a job, and a function have in common. */
import Type from "typebox";
import { choice, closed, cpu, duration, flag, list, memory, text, texts } from "./fields.ts";

export const propletTypes = ["any", "k8s", "external"] as const;
export const policies = ["hybrid", "least-loaded", "round-robin", "bin-pack"] as const;

/** Where the module comes from: one of the four. */
export const moduleFields = {
  imageUrl: text("The module: a reference in an OCI registry, or an http(s) URL."),
  file: text("The module: a .wasm file, relative to the manifest. Read and sent by whoever applies it."),
  module: text("The module itself, in standard base64."),
  moduleDigest: Type.Optional(
    Type.String({
      pattern: "^sha256:[0-9a-f]{64}$",
      "x-expected": "sha256: and 64 hexadecimal digits",
      description: "The module: one that the manager has already.",
    }),
  ),
};
export const moduleSources = ["imageUrl", "file", "module", "moduleDigest"] as const;

export const placementFields = {
  preferredPropletType: choice(propletTypes, "Pods of a cluster (k8s), other proplets (external), or any."),
  propletSelector: Type.Optional(
    closed(
      {
        matchDeviceTypes: texts("A proplet is one of them."),
        matchCapabilities: texts("A proplet has all of them."),
        matchTags: texts("A proplet has all of them."),
        propletId: text("The only proplet that will do."),
      },
      "Which proplets will do: all that is given must hold.",
    ),
  ),
  resourceRequirements: Type.Optional(
    closed(
      {
        cpu: cpu("CPU that must be free, in cores: 2, or 500m."),
        memory: memory("Memory that must be free, in bytes: 67108864, or 64Mi."),
      },
      "What must be free on a proplet, and is held while it runs.",
    ),
  ),
  schedulerPolicy: choice(
    policies,
    "How one of the proplets that fit is chosen; the manager's own by default.",
  ),
};

const Input = Type.Union([Type.String(), Type.Number()], {
  description: "A number means the text it is written as.",
  "x-kubernetes-preserve-unknown-fields": true,
});

export const runFields = {
  ...moduleFields,
  ...placementFields,
  cliArgs: texts("Arguments of the runtime: [--invoke, add] calls the exported function add."),
  env: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: "Environment variables of the module." }),
  ),
  limits: Type.Optional(
    closed(
      {
        wallTime: duration("A run that takes longer is stopped: 500ms, 10s, 1m30s."),
        memory: memory("A run that wants more fails: 64Mi."),
      },
      "What a run may use.",
    ),
  ),
  maxAttempts: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000,
      description: "How many attempts may be lost with their proplets before it fails.",
    }),
  ),
  priority: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 100, description: "Higher goes first; 50 by default." }),
  ),
  encrypted: flag("The module is encrypted: a proplet needs a TEE and a key broker."),
  kbsResourcePath: text("Where the key broker has its key."),
  halStoragePath: text("Folder that the module keeps data in."),
  monitoringProfile: Type.Optional(
    closed(
      {
        enabled: Type.Boolean({ description: "Whether anything is measured." }),
        interval: Type.Optional(Type.Integer({ minimum: 0, description: "Seconds between two samples." })),
        collectCpu: flag("Measure CPU."),
        collectMemory: flag("Measure memory."),
        collectDiskIo: flag("Measure reads and writes."),
        collectThreads: flag("Count threads."),
        collectFileDescriptors: flag("Count open files."),
        exportToMqtt: flag("Publish the samples."),
        retainHistory: flag("Keep samples at the proplet."),
        historySize: Type.Optional(Type.Integer({ minimum: 0, description: "How many it keeps." })),
      },
      "What a proplet measures while it runs.",
    ),
  ),
};

/** Of what runs once for what it is given, rather than once for each invocation. */
export const taskFields = {
  ...runFields,
  inputs: Type.Optional(list(Input, "Inputs of the function, or arguments of a command.")),
  daemon: flag("It runs until it is stopped."),
  kind: choice(["standard", "federated"], "A federated task is a client of federated learning."),
  mode: choice(["infer", "train"], "Of a machine-learning task."),
};
