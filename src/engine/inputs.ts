/** Text in and out of a function: inputs by the parameters' types, results in decimal. */
import { PropError } from "../errors.ts";
import type { FunctionSignature, ValueType } from "./engine.ts";

export type WasmNumber = number | bigint;

const integerPattern = /^[+-]?\d+$/;
const floatPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const infinityPattern = /^([+-]?)inf(inity)?$/i;

function integerProblem(text: string, bits: 32 | 64): string | undefined {
  if (text === "") return "cannot parse integer from empty string";
  if (!integerPattern.test(text)) return "invalid digit found in string";
  const value = BigInt(text.replace(/^\+/, ""));
  if (value >= 2n ** BigInt(bits)) return "number too large to fit in target type";
  if (value < -(2n ** BigInt(bits - 1))) return "number too small to fit in target type";
  return undefined;
}

function floatProblem(text: string): string | undefined {
  if (text === "") return "cannot parse float from empty string";
  if (floatPattern.test(text) || infinityPattern.test(text) || /^[+-]?nan$/i.test(text)) return undefined;
  return "invalid float literal";
}

function toFloat(text: string): number {
  const infinity = infinityPattern.exec(text);
  if (infinity === null) return Number(text);
  return infinity[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function problem(text: string, type: ValueType): string | undefined {
  if (type === "i32") return integerProblem(text, 32);
  if (type === "i64") return integerProblem(text, 64);
  if (type === "f32" || type === "f64") return floatProblem(text);
  return "values of this type cannot be given as text";
}

function parseInput(text: string, type: ValueType): WasmNumber {
  const reason = problem(text, type);
  if (reason !== undefined) {
    throw new PropError({
      code: "ARGUMENT_TYPE",
      message: `Failed to parse '${text}' as ${type}: ${reason}`,
      exitCode: 2,
    });
  }
  if (type === "i32") return Number(text);
  if (type === "i64") return BigInt(text.replace(/^\+/, ""));
  return toFloat(text);
}

function refuseVectors({ name, results }: FunctionSignature): void {
  if (!results.includes("v128")) return;
  throw new PropError({
    code: "MODULE_UNSUPPORTED",
    message: `function '${name}' returns a v128, which cannot be shown as text`,
    hint: "Call a function that returns i32, i64, f32 or f64.",
  });
}

/**
 * Parses inputs by the types of a function's parameters. Integers may be signed or unsigned: `4294967295` is `-1`.
 * @throws PropError `ARGUMENT_COUNT`, `ARGUMENT_TYPE`, `MODULE_UNSUPPORTED` for a function that returns a v128
 */
export function parseInputs(signature: FunctionSignature, inputs: string[]): WasmNumber[] {
  const { name, parameters } = signature;
  refuseVectors(signature);
  if (inputs.length !== parameters.length) {
    throw new PropError({
      code: "ARGUMENT_COUNT",
      message: `Argument count mismatch for function '${name}': expected ${parameters.length} arguments but got ${inputs.length}`,
      hint: `Its parameters: (${parameters.join(", ")}).`,
      exitCode: 2,
    });
  }
  return parameters.map((type, index) => parseInput(inputs[index] ?? "", type));
}

/** Writes a decimal with an exponent out in full: `1e+21` becomes a one and 21 zeros. */
function withoutExponent(text: string): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0");
}

/** The shortest decimal that gives the same 32-bit float again. */
function shortestF32(value: number): number {
  for (let precision = 1; precision < 9; precision++) {
    const shorter = Number(value.toPrecision(precision));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(9));
}

function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : withoutExponent(String(value));
}

/** Writes a function's first result in decimal, floats without an exponent; "" where there is none. */
export function formatResult(type: ValueType | undefined, value: WasmNumber | undefined): string {
  if (typeof value === "bigint") return String(value);
  if (value === undefined) return "";
  if (type === "f32" && Number.isFinite(value)) return formatFloat(value === 0 ? value : shortestF32(value));
  return formatFloat(value);
}
