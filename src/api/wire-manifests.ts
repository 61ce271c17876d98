/** What the API says of manifests [E]: the schemas of its answers. */
import Type, { type Static } from "typebox";
import { API_VERSION } from "../model/manifest/fields.ts";
import { kinds } from "../model/manifest/kinds.ts";

const Text = Type.Optional(Type.String());
const Count = Type.Optional(Type.Integer());
const Labels = Type.Optional(Type.Record(Type.String(), Type.String()));

export const WireResource = Type.Object({
  apiVersion: Type.Enum([API_VERSION]),
  kind: Type.Enum([...kinds]),
  metadata: Type.Object({
    name: Type.String({ description: "of the manifest, or the object's id where none made it" }),
    namespace: Type.String(),
    uid: Type.String(),
    creationTimestamp: Type.String(),
    labels: Labels,
    annotations: Labels,
  }),
  spec: Type.Object({}, { description: "as in the manifests of the kind; modules by their digest" }),
  status: Type.Object({
    phase: Type.String(),
    message: Text,
    propletId: Text,
    attempt: Count,
    results: Type.Optional(Type.Unknown()),
    startTime: Text,
    finishTime: Text,
    nextRun: Text,
    tasks: Count,
    ended: Count,
    revision: Count,
    taskId: Text,
    taskCount: Count,
    lastSeen: Text,
    deviceType: Text,
    capabilities: Type.Optional(Type.Array(Type.String())),
    runtime: Text,
  }),
});
export type WireResource = Static<typeof WireResource>;

export const ResourcePage = Type.Object({
  offset: Type.Integer(),
  limit: Type.Integer(),
  total: Type.Integer(),
  items: Type.Array(WireResource),
});
export type ResourcePage = Static<typeof ResourcePage>;

export const WireApplied = Type.Object({
  outcome: Type.Enum(["created", "configured", "unchanged"]),
  object_id: Text,
  changes: Type.Array(
    Type.Object({
      path: Type.String(),
      before: Type.Optional(Type.Unknown()),
      after: Type.Optional(Type.Unknown()),
    }),
  ),
  warnings: Type.Array(Type.String()),
});
export type WireApplied = Static<typeof WireApplied>;
