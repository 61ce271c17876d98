/** `kind: Proplet`: a worker, declared before it is heard (external), or run by a cluster (k8s). */
import Type, { type Static } from "typebox";
import { choice, closed, cpu, kindOf, memory, text, texts } from "./fields.ts";

export const PropletSpec = closed(
  {
    type: Type.Enum(["external", "k8s"], {
      type: "string",
      description: "external: a device that joins by itself. k8s: pods that a cluster runs.",
    }),
    external: Type.Optional(
      closed(
        {
          deviceType: text("What it is: esp32, raspberry-pi."),
          capabilities: texts("What it can: wasm, sensor, wifi."),
          tags: texts("Words to select it by."),
        },
        "Of type external: what the device does not say of itself.",
      ),
    ),
    k8s: Type.Optional(
      closed(
        {
          image: text("Container image of the proplet."),
          replicas: Type.Optional(Type.Integer({ minimum: 0, description: "How many pods; 1 by default." })),
          imagePullPolicy: choice(["Always", "IfNotPresent", "Never"], "As of a container."),
          nodeSelector: Type.Optional(
            Type.Record(Type.String(), Type.String(), { description: "Labels of the nodes it may run on." }),
          ),
          resources: Type.Optional(
            closed({ cpu: cpu("CPU of a pod."), memory: memory("Memory of a pod.") }, "Of each pod."),
          ),
          capabilities: texts("What its pods can."),
          tags: texts("Words to select them by."),
        },
        "Of type k8s: how the cluster runs it.",
      ),
    ),
    connectionConfig: Type.Optional(
      closed(
        {
          domainId: text("Domain it joins."),
          channelId: text("Channel it joins."),
          broker: text("Address of the MQTT broker."),
        },
        "Where it connects.",
      ),
    ),
  },
  "What it is, and where it connects.",
);
export type PropletSpec = Static<typeof PropletSpec>;

export const PropletManifest = kindOf("Proplet", PropletSpec, "A worker that runs tasks.");
export type PropletManifest = Static<typeof PropletManifest>;
