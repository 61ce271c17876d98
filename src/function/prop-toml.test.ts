import fc from "fast-check";
import { stringify } from "smol-toml";
import { expect, test } from "vitest";
import { PropError } from "../errors.ts";
import { parsePropToml } from "./prop-toml.ts";
import { toolchainNames } from "./toolchains/index.ts";

const minimal = ['name = "hello"', 'toolchain = "assemblyscript"', 'source = "src/index.ts"'];

function parse(...more: string[]) {
  return parsePropToml([...minimal, ...more].join("\n"), "prop.toml");
}

test("limits and environment may be left out", () => {
  expect(parse()).toEqual({
    name: "hello",
    toolchain: "assemblyscript",
    kind: "function",
    source: "src/index.ts",
    env: {},
    limits: {},
  });
});

test("limits are read as milliseconds and bytes", () => {
  const {
    limits,
    env,
    export: entry,
  } = parse('export = "add"', "[limits]", 'time = "10s"', 'memory = "64MiB"', "[env]", 'A = "1"');
  expect(limits).toEqual({ wallTimeMs: 10_000, memoryBytes: 64 * 1024 ** 2 });
  expect(env).toEqual({ A: "1" });
  expect(entry).toBe("add");
});

test.each([
  [["exprot = 1"], 'prop.toml:4: unknown key "exprot"'],
  [["[limits]", "", 'tme = "1s"'], 'prop.toml:6: unknown key "limits.tme"'],
  [['kind = "cron"'], 'prop.toml:4: there is no kind "cron"'],
  [["[limit]", 'time = "1s"'], 'prop.toml:4: unknown key "limit"'],
  [["export = 1"], 'prop.toml:4: "export" must be a string'],
  [["limits = 1"], 'prop.toml:4: "limits" must be a table'],
  [["[limits]", "time = 10"], 'prop.toml:5: "limits.time" must be a string such as "10s"'],
  [["[limits]", 'time = "10"'], 'prop.toml:5: "10" is not a duration'],
  [["[limits]", 'memory = "much"'], 'prop.toml:5: "much" is not a size'],
  [["[env]", 'A = "1"', '"B C" = 2'], 'prop.toml:6: "env.B C" must be a string'],
  [['env = { "A/~B" = 2 }'], 'prop.toml: "env.A/~B" must be a string'],
])("%j is an error that names key, file and line", (lines, message) => {
  expect(() => parse(...lines)).toThrow(expect.objectContaining({ code: "PROP_TOML_INVALID", message }));
});

test("a key that must be there is named", () => {
  expect(() => parsePropToml('name = "x"\ntoolchain = "c"', "a/prop.toml")).toThrow(
    'a/prop.toml: "source" is missing',
  );
});

test("a mistyped key is named rather than the one that it leaves out", () => {
  expect(() => parsePropToml(minimal.join("\n").replace("source", "sorce"), "prop.toml")).toThrow(
    'prop.toml:3: unknown key "sorce"',
  );
});

test("a toolchain that prop doesn't have: the hint lists those it has", () => {
  const text = minimal.join("\n").replace("assemblyscript", "cobol");
  expect(() => parsePropToml(text, "prop.toml")).toThrow(
    expect.objectContaining({
      message: 'prop.toml:2: there is no toolchain "cobol"',
      hint: `Known: ${toolchainNames.join(", ")}.`,
    }),
  );
});

test("a name that leads out of the build folder is refused", () => {
  expect(() => parsePropToml(minimal.join("\n").replace("hello", "../x"), "prop.toml")).toThrow(
    'prop.toml:1: "name" must be 1 to 63 lower case letters, digits and inner hyphens',
  );
});

test("what is no TOML is shown with its line", () => {
  expect(() => parse("export = ")).toThrow(/^prop\.toml:4: Invalid TOML/);
});

test("any TOML is a project or an error that a user can act on", () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.dictionary(fc.string(), fc.string()));
  const table = fc.record(
    { name: value, toolchain: value, source: value, export: value, limits: value, env: value },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(table, (table) => {
      try {
        expect(parsePropToml(stringify(table), "prop.toml")).toHaveProperty("limits");
      } catch (error) {
        expect(error).toBeInstanceOf(PropError);
      }
    }),
  );
});
