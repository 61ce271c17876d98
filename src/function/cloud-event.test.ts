import fc from "fast-check";
import { expect, test } from "vitest";
import { eventEnvironment } from "./cloud-event.ts";

test("what an event must have is filled in", () => {
  const env = eventEnvironment({}, new Date(0));
  expect(env).toEqual({
    CE_ID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    CE_SOURCE: "/prop",
    CE_SPECVERSION: "1.0",
    CE_TYPE: "prop.event",
    CE_TIME: "1970-01-01T00:00:00.000Z",
  });
});

test("what is given goes before it, extensions included", () => {
  const env = eventEnvironment({ type: "com.example.order", id: "7", traceparent: "00-a" });
  expect(env).toMatchObject({ CE_TYPE: "com.example.order", CE_ID: "7", CE_TRACEPARENT: "00-a" });
});

test.each(["Type", "my-attribute", "", "a b"])("%j is no attribute", (name) => {
  expect(() => eventEnvironment({ [name]: "x" })).toThrow(`"${name}" is no name of a CloudEvents attribute`);
});

test("each attribute keeps its value, under its own name", () => {
  const attributes = fc.dictionary(fc.stringMatching(/^[a-z0-9]{1,20}$/), fc.string());
  fc.assert(
    fc.property(attributes, (given) => {
      const env = eventEnvironment(given);
      for (const [name, value] of Object.entries(given)) expect(env[`CE_${name.toUpperCase()}`]).toBe(value);
    }),
  );
});
