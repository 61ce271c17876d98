import fc from "fast-check";
import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { checkManifest } from "./check-manifest.ts";
import { checkSchema, type SchemaNode } from "./check-schema.ts";
import { kindSchemas, kinds } from "./kinds.ts";

/** Values of the shape of a schema, with things here and there that don't fit. */
function near(schema: SchemaNode): fc.Arbitrary<unknown> {
  const wild = fc.jsonValue({ maxDepth: 1 });
  const { properties, items, anyOf, patternProperties, enum: values } = schema;
  if (values !== undefined) return often(fc.constantFrom(...values), wild);
  if (anyOf !== undefined) return often(fc.oneof(...anyOf.map(near)), wild);
  if (items !== undefined) return often(fc.array(near(items), { maxLength: 2 }), wild);
  if (patternProperties !== undefined) return often(fc.dictionary(fc.string(), fc.string()), wild);
  if (properties === undefined) return often(fc.oneof(fc.string(), fc.integer(), fc.boolean()), wild);
  const fields = Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, near(inner)]));
  const required = [...(schema.required ?? [])];
  const record = fc.record(fields, { requiredKeys: required });
  const stray = fc.record({ ...fields, stray: fc.boolean() }, { requiredKeys: [] });
  return fc.oneof(
    { weight: 12, arbitrary: record },
    { weight: 1, arbitrary: stray },
    { weight: 1, arbitrary: wild },
  );
}

function often<T>(usual: fc.Arbitrary<T>, wild: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: wild });
}

test.each(kinds)("what the schema of a %s refuses has a problem, and what it takes has none", (kind) => {
  const schema: SchemaNode = kindSchemas[kind];
  const validator = Compile(kindSchemas[kind]);
  fc.assert(
    fc.property(near(schema), (value) => {
      expect(checkSchema(schema, value).length === 0).toBe(validator.Check(value));
    }),
    { numRuns: 1_000 },
  );
});

test.each(kinds)("every field of a %s says what it is", (kind) => {
  const undescribed = (schema: SchemaNode & { description?: string }, path: string): string[] => [
    ...(schema.description === undefined ? [path] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      undescribed(inner, `${path}.${name}`),
    ),
  ];
  expect(undescribed(kindSchemas[kind], kind)).toEqual([]);
});

test("nothing that is no manifest is taken for one", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(checkManifest(value).ok).toBe(false);
    }),
  );
});
