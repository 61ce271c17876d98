/** What a JSON schema says is right, and how to make it certainly wrong. */
import type { Random } from "./random.ts";

/** As much of JSON Schema as TypeBox and OpenAPI use here. */
export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
  anyOf?: readonly Schema[];
  const?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
}

/** Values for fields that refer to something, by the field's name. */
export type Names = Record<string, readonly unknown[]>;

/** A value that fits `schema`, as far as the schema tells; half of the optional fields are in it. */
export function sampleOf(schema: Schema, random: Random, names: Names = {}): unknown {
  if (schema.anyOf !== undefined) return sampleOf(random.pick(schema.anyOf), random, names);
  if (schema.const !== undefined) return schema.const;
  switch (schema.type) {
    case "object":
      return sampleObject(schema, random, names);
    case "array":
      return Array.from({ length: random.below(3) }, () => sampleOf(schema.items ?? {}, random, names));
    case "integer":
    case "number":
      return Math.min(schema.maximum ?? 9, (schema.minimum ?? 0) + random.below(9));
    case "boolean":
      return random.below(2) === 0;
    case "null":
      return null;
    default:
      return random.pick(["a", "text", "ünï", "constructor", "0"]);
  }
}

function sampleObject(schema: Schema, random: Random, names: Names): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const known = names[name];
    if (!schema.required?.includes(name) && random.below(2) === 0) continue;
    value[name] = known === undefined ? sampleOf(field, random, names) : random.pick(known);
  }
  return value;
}

/** One place where a value can be damaged so that the schema must refuse it. */
export interface Damage {
  path: readonly string[];
  schema: Schema;
  /** A field that must be there is taken away, or one is given a value that is not its own. */
  kind: "drop" | "break";
}

/** Every damage that a schema allows, found once. A field that takes anything can't be damaged. */
export function damagesOf(schema: Schema, path: readonly string[] = []): Damage[] {
  const found: Damage[] = wrongValues(schema).length > 0 ? [{ path, schema, kind: "break" }] : [];
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (schema.required?.includes(name)) found.push({ path: [...path, name], schema: field, kind: "drop" });
    found.push(...damagesOf(field, [...path, name]));
  }
  if (schema.items !== undefined) found.push(...damagesOf(schema.items, [...path, "0"]));
  return found;
}

/** `value` with one damage done to it; what leads there is made where it is missing. */
export function damaged(value: unknown, { path, schema, kind }: Damage, random: Random): unknown {
  const [last] = path.slice(-1);
  if (last === undefined) return pickWrong(schema, random);
  const root: Record<string, unknown> = isRecord(value) ? structuredClone(value) : {};
  let place = root;
  for (const [index, step] of path.slice(0, -1).entries()) {
    const inner = place[step];
    const next: unknown = isRecord(inner) ? inner : path[index + 1] === "0" ? [] : {};
    place[step] = next;
    place = next as Record<string, unknown>;
  }
  if (kind === "break") place[last] = pickWrong(schema, random);
  else if (acceptedTypes(schema)?.has("null") === false && random.below(2) === 0) place[last] = null;
  else delete place[last];
  return root;
}

const LONG = "x".repeat(1_048_576);
/** By their JSON type. Null is not among them: in an optional field it means absent. */
const CANDIDATES: Record<string, readonly unknown[]> = {
  object: [{}, { __proto__: null, constructor: { prototype: { admin: true } } }, { length: 1, 0: "a" }],
  array: [[], [null], [[]], ["a", {}]],
  string: ["", "12", "NaN", "null", "\u0000", "../../etc/passwd", "💥".repeat(200), LONG],
  number: [0, -1, 1.5, 1e308, -(2 ** 53), 4_294_967_296],
  boolean: [true, false],
};

/** One that `schema` can't take; the long one seldom, as it is slow to send. */
export function pickWrong(schema: Schema, random: Random): unknown {
  const wrong = wrongValues(schema);
  const first = random.pick(wrong);
  return first === LONG && random.below(20) > 0
    ? random.pick(wrong.filter((value) => value !== LONG))
    : first;
}

/** Values that `schema` can't take. */
export function wrongValues(schema: Schema): unknown[] {
  const accepted = acceptedTypes(schema);
  if (accepted === undefined) return [];
  const wrong = Object.entries(CANDIDATES).flatMap(([type, values]) => (accepted.has(type) ? [] : values));
  const { type, minimum, maximum, maxLength, minLength, pattern } = schema;
  if (minimum !== undefined) wrong.push(minimum - 1, -1e300);
  if (maximum !== undefined) wrong.push(maximum + 1, 1e300);
  if (type === "integer") wrong.push(0.5, 1e-7);
  if (maxLength !== undefined) wrong.push("y".repeat(maxLength + 1));
  if (minLength !== undefined && minLength > 0) wrong.push("");
  if (pattern !== undefined)
    wrong.push(...["+", "#", "a/b", "sha256:0", "\u0000"].filter(refusedBy(pattern)));
  return wrong;
}

const refusedBy = (pattern: string) => (text: string) => !new RegExp(pattern, "u").test(text);

/** The JSON types a schema can take; undefined for any. */
function acceptedTypes({ anyOf, type, const: only }: Schema): Set<string> | undefined {
  if (anyOf !== undefined) {
    const types = new Set<string>();
    for (const branch of anyOf) {
      const accepted = acceptedTypes(branch);
      if (accepted === undefined) return undefined;
      for (const one of accepted) types.add(one);
    }
    return types;
  }
  if (only !== undefined) return new Set([typeof only]);
  if (type === undefined) return undefined;
  return new Set([type === "integer" ? "number" : type]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
