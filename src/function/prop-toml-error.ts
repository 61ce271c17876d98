/** What is wrong in a `prop.toml`, in words that its author can act on. */
import type { TLocalizedValidationError } from "typebox/error";
import { PropError } from "../errors.ts";
import { findTomlLine } from "./toml-line.ts";

/** Where a key stands: `file:line`, or the file alone where the line can't be told. */
export function keyLocation(text: string, file: string, path: readonly string[]): string {
  const line = findTomlLine(text, path);
  return line === undefined ? file : `${file}:${line}`;
}

/** The error of a place in a `prop.toml`. */
export function invalidPropToml(where: string, what: string, hint?: string): PropError {
  return new PropError({
    code: "PROP_TOML_INVALID",
    message: `${where}: ${what}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * The error of what the schema found. An unknown key (`boolean`: its schema is `false`) goes first: it may be the
 * missing one, mistyped.
 */
export function explainPropToml(errors: TLocalizedValidationError[], text: string, file: string): PropError {
  const error = errors.find(({ keyword }) => keyword === "boolean") ?? errors[0];
  if (error === undefined) return invalidPropToml(file, "is not valid");
  const path = error.instancePath.split("/").slice(1).map(unescapePointer);
  const key = path.join(".");
  const where = keyLocation(text, file, path);
  switch (error.keyword) {
    case "boolean":
      return invalidPropToml(where, `unknown key "${key}"`, `Known: ${knownKeys(path)}.`);
    case "required":
      return invalidPropToml(file, `"${[...path, error.params.requiredProperties[0]].join(".")}" is missing`);
    case "type":
      return invalidPropToml(where, `"${key}" must be a ${tomlType(error.params.type)}${exampleOf(key)}`);
    case "pattern":
      return invalidPropToml(where, `"${key}" must be 1 to 63 lower case letters, digits and inner hyphens`);
    default:
      return invalidPropToml(where, `"${key}" ${error.message}`);
  }
}

function knownKeys([table]: string[]): string {
  return table === "limits" ? "time, memory" : "name, toolchain, kind, source, export, limits, env";
}

/** A number there lacks its unit, not its quotes. */
function exampleOf(key: string): string {
  return { "limits.time": ' such as "10s"', "limits.memory": ' such as "64MiB"' }[key] ?? "";
}

function tomlType(type: string | string[]): string {
  return [type].flat().join(" or ").replace("object", "table");
}

function unescapePointer(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}
