/** Fields that the kinds share, as a Kubernetes schema takes them: closed objects, camel case, a description each. */
import Type, { type TProperties, type TSchema } from "typebox";

/** The group and version of every manifest. */
export const API_VERSION = "propeller.absmach.fr/v1alpha1";

export function closed<P extends TProperties>(properties: P, description: string) {
  return Type.Object(properties, { additionalProperties: false, description });
}

export function text(description: string) {
  return Type.Optional(Type.String({ description }));
}

export function texts(description: string) {
  return Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description }));
}

export function flag(description: string) {
  return Type.Optional(Type.Boolean({ description }));
}

export function choice<T extends string[]>(values: readonly [...T], description: string) {
  return Type.Optional(Type.Enum<T>(values, { type: "string", description }));
}

export function list<T extends TSchema>(items: T, description: string) {
  return Type.Array(items, { minItems: 1, maxItems: 10_000, description });
}

/** What Kubernetes calls a quantity: a whole number, or text such as `500m`. */
function quantity(pattern: string, example: string, description: string) {
  return Type.Optional(
    Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern })], {
      description,
      "x-kubernetes-int-or-string": true,
      "x-expected": `a quantity such as ${example}`,
    }),
  );
}

/** As `cpuMillis` reads it. */
export function cpu(description: string) {
  return quantity("^[0-9]{1,9}([.][0-9]{1,6})?m?$", "500m", description);
}

/** As `memoryBytes` reads it. */
export function memory(description: string) {
  return quantity("^[0-9]{1,15}([.][0-9]{1,6})?(k|M|G|T|Ki|Mi|Gi|Ti)?$", "64Mi", description);
}

/** As `durationMs` reads it. */
export function duration(description: string) {
  return Type.Optional(
    Type.String({
      pattern: "^([0-9]{1,10}([.][0-9]{1,6})?(ms|s|m|h))+$",
      description,
      "x-expected": "a duration such as 10s or 1m30s",
    }),
  );
}

/** The one place where anything may stand. */
export function anything(description: string) {
  return Type.Optional(Type.Unknown({ description, "x-kubernetes-preserve-unknown-fields": true }));
}

const labelMap = (description: string) =>
  Type.Optional(Type.Record(Type.String(), Type.String(), { description }));

/** A name as Kubernetes takes it for an object. */
export const namePattern = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";

const nameExpected = "lower case letters, digits, - and ., with a letter or digit first and last";

const Name = Type.String({
  pattern: namePattern,
  "x-expected": nameExpected,
  maxLength: 253,
  description: "Names the object within its kind and namespace: lower case letters, digits, - and .",
});

/** What a cluster, or `prop get -o yaml`, adds to an object: taken and left alone. */
const written = {
  uid: text("Id of the object. Written by the server."),
  creationTimestamp: text("Since when it is there, RFC 3339. Written by the server."),
  generation: Type.Optional(Type.Integer({ description: "Written by the server." })),
  resourceVersion: text("Written by the server."),
};

export const ObjectMeta = closed(
  {
    name: Name,
    namespace: Type.Optional(
      Type.String({
        pattern: namePattern,
        "x-expected": nameExpected,
        maxLength: 63,
        description: "default where it is not given.",
      }),
    ),
    labels: labelMap("Words to find it by. They don't change how it runs."),
    annotations: labelMap("Notes of tools and people. They don't change how it runs."),
    ...written,
  },
  "What the object is called.",
);

/** The whole of a kind: the four fields that every object has, and the status that a server adds. */
export function kindOf<const K extends string, S extends TSchema>(kind: K, spec: S, description: string) {
  return closed(
    {
      apiVersion: Type.Enum([API_VERSION], { type: "string", description: "Group and version of the kind." }),
      kind: Type.Enum([kind], { type: "string", description: "What it is." }),
      metadata: ObjectMeta,
      spec,
      status: anything("How it stands. Written by the server."),
    },
    description,
  );
}
