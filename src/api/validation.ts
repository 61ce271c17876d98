/** Compiles TypeBox schemas to validators for Fastify, which answer in the contract's words. */
import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { badRequest } from "./errors.ts";

interface Field {
  type?: string;
  properties?: Record<string, Field>;
  items?: Field;
  required?: readonly string[];
  /** The whole message where a value does not hold, for those that legacy clients know. */
  "x-invalid"?: string;
  /** Of a body that may be missing. */
  "x-optional-body"?: boolean;
}

/**
 * Bodies are taken as they are, but that `null` in an optional field means absent; query parameters are read by the type
 * they should have. Unknown fields pass.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema & Field> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  const whole = httpPart === "body" ? "the body" : "the request";
  return (given: unknown) => {
    if (httpPart === "body" && given === null && !schema["x-optional-body"]) {
      return { error: badRequest("the body is empty") };
    }
    const value = httpPart === "body" ? withoutNulls(given ?? {}, schema) : readText(given, schema);
    if (validator.Check(value)) return { value };
    return { error: badRequest(explain(validator.Errors(value), schema, whole)) };
  };
};

interface Mismatch {
  instancePath: string;
  keyword: string;
  /** `allowedValue` of a constant. */
  params: object;
  message: string;
}

/** `inputs.1 must be string or number`: names the first field that does not fit, and all that would. */
function explain(mismatches: readonly Mismatch[], schema: Field, whole: string): string {
  const [first] = mismatches;
  const path = first?.instancePath.slice(1).replaceAll("/", ".") ?? "";
  const invalid = schema.properties?.[path]?.["x-invalid"];
  if (invalid !== undefined && first?.keyword !== "type") return invalid;
  const texts = mismatches
    .filter(({ instancePath, keyword }) => instancePath === first?.instancePath && keyword !== "anyOf")
    .map(({ message, params }) =>
      "allowedValue" in params ? `must be ${JSON.stringify(params.allowedValue)}` : message,
    );
  return `${path === "" ? whole : path} ${[...new Set(texts)].join(" or ").replaceAll(" or must be ", " or ")}`;
}

const WHOLE_NUMBER = /^\d{1,15}$/;

/** Paths and queries are text; what does not read as its type stays text, for the schema to refuse. */
function readText(given: unknown, schema: Field): Record<string, unknown> {
  const query: Record<string, unknown> = { ...Object(given) };
  for (const [name, { type }] of Object.entries(schema.properties ?? {})) {
    const text = query[name];
    if (typeof text !== "string") continue;
    if (type === "integer" && WHOLE_NUMBER.test(text)) query[name] = Number(text);
    if (type === "boolean" && (text === "true" || text === "false")) query[name] = text === "true";
  }
  return query;
}

/** Go clients write null for what they don't have. */
function withoutNulls(value: unknown, schema: Field): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value) && schema.items !== undefined) {
    for (const item of value) withoutNulls(item, schema.items);
  }
  if (schema.properties === undefined) return value;
  for (const [name, field] of Object.entries(schema.properties)) {
    const inner: unknown = Reflect.get(value, name);
    if (inner === null && !schema.required?.includes(name)) Reflect.deleteProperty(value, name);
    else if (typeof inner === "object") withoutNulls(inner, field);
  }
  return value;
}
