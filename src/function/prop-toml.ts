/** The format of `prop.toml`: from its text to a typed value, or to an error that names key, file and line. */
import { parse, TomlError } from "smol-toml";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { PropError } from "../errors.ts";
import { functionNamePattern } from "./function-name.ts";
import { functionKinds, isFunctionKind } from "./kind.ts";
import type { Project } from "./project.ts";
import { explainPropToml, invalidPropToml, keyLocation } from "./prop-toml-error.ts";
import { parseDuration, parseSize } from "./quantities.ts";
import { toolchainNames } from "./toolchains/index.ts";

const closed = { additionalProperties: false };
const schema = Type.Object(
  {
    name: Type.String({ pattern: functionNamePattern.source }),
    toolchain: Type.String(),
    kind: Type.Optional(Type.String()),
    source: Type.String({ minLength: 1 }),
    export: Type.Optional(Type.String({ minLength: 1 })),
    limits: Type.Optional(
      Type.Object({ time: Type.Optional(Type.String()), memory: Type.Optional(Type.String()) }, closed),
    ),
    env: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  closed,
);
const validator = Compile(schema);

/** What `prop.toml` says of a project. */
export type PropToml = Omit<Project, "dir" | "outputPath">;

/**
 * Reads the text of a `prop.toml`.
 * @param file how errors name the file
 * @throws PropError `PROP_TOML_INVALID`
 */
export function parsePropToml(text: string, file: string): PropToml {
  const table = parseToml(text, file);
  if (!validator.Check(table)) throw explainPropToml(validator.Errors(table), text, file);
  const { limits = {}, env = {}, toolchain, kind = "function", ...rest } = table;
  const at = (...path: string[]): string => keyLocation(text, file, path);
  if (!toolchainNames.includes(toolchain)) {
    const known = `Known: ${toolchainNames.join(", ")}.`;
    throw invalidPropToml(at("toolchain"), `there is no toolchain "${toolchain}"`, known);
  }
  if (!isFunctionKind(kind))
    throw invalidPropToml(at("kind"), `there is no kind "${kind}"`, `Known: ${functionKinds.join(", ")}.`);
  const wallTimeMs = readLimit(limits.time, parseDuration, at("limits", "time"));
  const memoryBytes = readLimit(limits.memory, parseSize, at("limits", "memory"));
  return {
    ...rest,
    toolchain,
    kind,
    env,
    limits: {
      ...(wallTimeMs === undefined ? {} : { wallTimeMs }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
    },
  };
}

function parseToml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ""] = error.message.split("\n");
    throw invalidPropToml(`${file}:${error.line}`, `${reason}\n${error.codeblock.trimEnd()}`);
  }
}

function readLimit(
  value: string | undefined,
  parse: (text: string) => number,
  where: string,
): number | undefined {
  if (value === undefined) return undefined;
  try {
    return parse(value);
  } catch (error) {
    if (error instanceof PropError) throw invalidPropToml(where, error.message, error.hint);
    throw error;
  }
}
