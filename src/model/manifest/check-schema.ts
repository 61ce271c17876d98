/** Holds a value against a schema of ours and names every field that doesn't fit, each once, in words for its author. */

export type Path = readonly (string | number)[];

export interface Problem {
  path: Path;
  /** Follows the path: `must be an integer, not "high"`. */
  what: string;
  /** A word that is none of those known: one of them may have been meant. */
  mistyped?: Mistyped;
}

export interface Mistyped {
  word: string;
  known: readonly string[];
  /** What to say where none of them is near. */
  otherwise?: string;
}

/** The part of JSON Schema that our manifests use, which is also what Kubernetes takes as structural. */
export interface SchemaNode {
  /** TypeBox's own mark. */
  "~kind"?: string;
  type?: string;
  properties?: Readonly<Record<string, SchemaNode>>;
  required?: readonly string[] | undefined;
  patternProperties?: Readonly<Record<string, SchemaNode>>;
  items?: SchemaNode;
  anyOf?: readonly SchemaNode[];
  enum?: readonly unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  /** What a value that doesn't fit should have been, in words. */
  "x-expected"?: string;
}

/** Every problem of `value`, in the order of the schema's fields, unknown ones last. */
export function checkSchema(schema: SchemaNode, value: unknown, path: Path = []): Problem[] {
  if (schema.enum !== undefined) return checkEnum(schema.enum, value, path);
  if (schema.const !== undefined) return checkEnum([schema.const], value, path);
  if (schema.anyOf !== undefined) {
    const words = schema.anyOf.map((option) => option.const);
    if (!words.includes(undefined)) return checkEnum(words, value, path);
    const fits = schema.anyOf.some((option) => checkSchema(option, value, path).length === 0);
    return fits ? [] : [wrong(path, schema["x-expected"] ?? schema.anyOf.map(describe).join(" or "), value)];
  }
  switch (schema.type) {
    case "object":
      return isObject(value) ? checkObject(schema, value, path) : [wrong(path, "a mapping", value)];
    case "array":
      return Array.isArray(value) ? checkArray(schema, value, path) : [wrong(path, "a list", value)];
    case "string":
      return checkString(schema, value, path);
    case "integer":
    case "number":
      return checkNumber(schema, value, path);
    case "boolean":
      return typeof value === "boolean" ? [] : [wrong(path, "true or false", value)];
    default:
      return [];
  }
}

function checkEnum(values: readonly unknown[], value: unknown, path: Path): Problem[] {
  if (values.includes(value)) return [];
  const problem = wrong(path, oneOf(values), value);
  return [
    typeof value === "string"
      ? { ...problem, mistyped: { word: value, known: values.map(String) } }
      : problem,
  ];
}

function checkObject(schema: SchemaNode, value: Record<string, unknown>, path: Path): Problem[] {
  const [values] = Object.values(schema.patternProperties ?? {});
  if (values !== undefined) {
    return Object.entries(value).flatMap(([name, inner]) => checkSchema(values, inner, [...path, name]));
  }
  const properties = schema.properties ?? {};
  const known = Object.keys(properties);
  const problems = known.flatMap((name) => {
    const inner = Object.hasOwn(value, name) ? value[name] : undefined;
    const property = properties[name];
    if (inner !== undefined && property !== undefined) return checkSchema(property, inner, [...path, name]);
    return schema.required?.includes(name) ? [{ path: [...path, name], what: "is missing" }] : [];
  });
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  return [
    ...problems,
    ...unknown.map((name) => ({
      path: [...path, name],
      what: "is unknown",
      mistyped: unknownWord(name, known),
    })),
  ];
}

export function unknownWord(word: string, known: readonly string[]): Mistyped {
  return { word, known, otherwise: `Known: ${known.join(", ")}` };
}

function checkArray(schema: SchemaNode, value: unknown[], path: Path): Problem[] {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items = {} } = schema;
  if (value.length < minItems) return [{ path, what: "must not be empty" }];
  if (value.length > maxItems) return [{ path, what: `must have at most ${maxItems} items` }];
  return value.flatMap((item, index) => checkSchema(items, item, [...path, index]));
}

function checkString(schema: SchemaNode, value: unknown, path: Path): Problem[] {
  const expected = schema["x-expected"];
  if (typeof value === "number" || typeof value === "boolean")
    return expected === undefined
      ? [{ path, what: `must be a string: write "${value}", not ${value}` }]
      : [wrong(path, expected, value)];
  if (typeof value !== "string") return [wrong(path, "a string", value)];
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema;
  if (value.length < minLength) return [{ path, what: "must not be empty" }];
  if (value.length > maxLength) return [{ path, what: `must have at most ${maxLength} characters` }];
  if (pattern !== undefined && !new RegExp(pattern).test(value))
    return [wrong(path, expected ?? `of the form ${pattern}`, value)];
  return [];
}

function checkNumber(schema: SchemaNode, value: unknown, path: Path): Problem[] {
  const { type, minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  const fits = type === "integer" ? Number.isInteger(value) : Number.isFinite(value);
  if (typeof value !== "number" || !fits) return [wrong(path, describe({ type: type ?? "number" }), value)];
  if (value >= minimum && value <= maximum) return [];
  const limits = Number.isFinite(maximum) ? `from ${minimum} to ${maximum}` : `${minimum} or more`;
  return [wrong(path, limits, value)];
}

const typeNames = new Map([
  ["string", "a string"],
  ["integer", "a whole number"],
  ["number", "a number"],
  ["boolean", "true or false"],
]);

function describe({ type }: SchemaNode): string {
  return typeNames.get(type ?? "") ?? `a ${type}`;
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.join(", ")}`;
}

function wrong(path: Path, expected: string, value: unknown): Problem {
  return { path, what: `must be ${expected}, not ${valueText(value)}` };
}

const LONGEST_SHOWN = 60;

/** A value on one line: what it is where it is long. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "a mapping";
  if (value === null || value === undefined) return "empty";
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  return shown.length <= LONGEST_SHOWN ? shown : `${shown.slice(0, LONGEST_SHOWN)}…`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
