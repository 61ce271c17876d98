/** JSON that is damaged as text: what comes out is no JSON at all, or no longer the same object. */
import type { Random } from "./random.ts";

const RAW_VALUES = [
  "NaN",
  "-Infinity",
  "undefined",
  "0x10",
  "01",
  "1.",
  "'a'",
  "{a:1}",
  "/*c*/1",
  "1e",
  "tru",
];

type Damage = (json: string, random: Random) => string | Buffer;

/** Each makes of any JSON object a text that can't be parsed. */
const damages: Damage[] = [
  () => "",
  () => " \n\t",
  () => Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
  () => "[".repeat(100_000),
  () => '{"a":'.repeat(50_000),
  (json, random) => json.slice(0, 1 + random.below(json.length - 1)),
  (json, random) => json + random.pick(["}", "]", ",{}", "\u0000", "x", " 1"]),
  (json, random) => `${json.slice(0, -1)}${json === "{}" ? "" : ","}"extra":${random.pick(RAW_VALUES)}}`,
  (json) => Buffer.concat([Buffer.from([0xc3, 0x28]), Buffer.from(json)]),
  (json) => Buffer.from(json, "utf16le"),
  (json, random) => Buffer.from(Array.from(json, (c) => (c.codePointAt(0) ?? 0) ^ (128 + random.below(128)))),
];

/** A text that is no JSON, made of one that is an object. Empty where `mayBeEmpty`. */
export function brokenText(value: unknown, random: Random, mayBeEmpty: boolean): string | Buffer {
  const json = JSON.stringify(value) ?? "{}";
  return random.pick(mayBeEmpty ? damages : damages.slice(2))(json.startsWith("{") ? json : "{}", random);
}

/** The same object with `name` in it once more, with another value: the last one counts. */
export function withDuplicate(value: object, name: string, wrong: unknown): string {
  const json = JSON.stringify(value);
  return `${json.slice(0, -1)}${json === "{}" ? "" : ","}${JSON.stringify(name)}:${JSON.stringify(wrong)}}`;
}
