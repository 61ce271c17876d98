/** What the parser of flags says of a command line, on one line that names the flag or argument and the value. Pure. */
import { stripVTControlCharacters } from "node:util";

/** Turns the parser's paragraphs into a line: `--priority: expected an integer but received: abc`. */
export function usageMessage(said: string): string {
  const [first = "", ...rest] = stripVTControlCharacters(said)
    .split(/\n+(?:See more help|Note: )/, 1)
    .join("")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const parsing = /^Parsing (--\S+)$/.exec(first)?.[1];
  if (parsing !== undefined) return `${parsing}: ${rest.join(" ").replace(/^Expected/, "expected")}`;
  if (/^The following errors? occurred:$/.test(first)) return rest.map(plainly).join("; ");
  if (/^Missing \d+ required args?:$/.test(first)) return rest.map(missing).join("; ");
  return [first, ...rest].map(plainly).join(" ");
}

/** In the words of our own errors. */
function plainly(sentence: string): string {
  return sentence
    .replace(/^Missing required flag (\S+)$/, "--$1 is missing")
    .replace(/^All of the following must be provided when using (\S+): (.+)$/, "$1 needs $2")
    .replace(/^Flag (--\S+) expects a value$/, "$1 needs a value")
    .replace(/^Nonexistent flags?: /, "there is no flag ")
    .replace(/^Unexpected arguments?: /, "there is no place for ")
    .replace(/^Expected (--[\w-]+)=(.*) to be one of: (.+)$/, '$1: "$2" is none of $3');
}

function missing(line: string): string {
  const [, name = line, what = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
  return `${name.toUpperCase()} is missing: ${what.replace(/\.$/, "")}`;
}
