/** Reads the text format of Prometheus as strictly as its own parser does, so that a test can hold an answer against it. */

export interface Samples {
  text: string;
  /** The value of a series; undefined where there is none. The labels have to be all it has. */
  of(name: string, labels?: Record<string, string>): number | undefined;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"`;
const HELP = new RegExp(`^# HELP (${NAME}) .*$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (\\S+)$`);

/** @throws where a line is malformed, a family comes twice, a series has no type or comes twice, or a histogram falls */
export function readMetrics(text: string): Samples {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const types = new Map<string, string>();
  const values = new Map<string, number>();
  let family = "";
  for (const line of text.split("\n")) {
    const [, typed, type = ""] = TYPE.exec(line) ?? [];
    if (typed !== undefined) {
      if (types.has(typed)) throw new Error(`${typed} has two types`);
      types.set(typed, type);
      family = typed;
    } else if (line !== "" && !HELP.test(line)) readSample(line, { types, values, family });
  }
  checkHistograms(types, values);
  return { text, of: (name, labels = {}) => values.get(keyOf(name, Object.entries(labels).map(label))) };
}

interface Reading {
  types: Map<string, string>;
  values: Map<string, number>;
  family: string;
}

function readSample(line: string, { types, values, family }: Reading): void {
  const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
  if (name === "") throw new Error(`malformed: ${line}`);
  const suffixes = types.get(family) === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  if (!suffixes.some((suffix) => name === family + suffix)) throw new Error(`not in its family: ${line}`);
  const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
  if (Number.isNaN(number) && value.toLowerCase() !== "nan") throw new Error(`no number: ${line}`);
  if (types.get(family) === "counter" && number < 0) throw new Error(`a counter below zero: ${line}`);
  const key = keyOf(name, labels.match(new RegExp(LABEL, "g")) ?? []);
  if (values.has(key)) throw new Error(`twice: ${line}`);
  values.set(key, number);
}

/** Buckets are cumulative, and the last one is the count. */
function checkHistograms(types: Map<string, string>, values: Map<string, number>): void {
  const series = new Map<string, number[]>();
  for (const [key, value] of values) {
    const [name = "", labels = ""] = key.split("|");
    const family = name.replace(/_bucket$/, "");
    if (family === name || types.get(family) !== "histogram") continue;
    const rest = labels
      .split(",")
      .filter((text) => text !== "" && !text.startsWith("le="))
      .join(",");
    const id = `${family}_count|${rest}`;
    series.set(id, [...(series.get(id) ?? []), value]);
  }
  for (const [id, buckets] of series) {
    const sorted = [...buckets].sort((a, b) => a - b);
    if (buckets.join() !== sorted.join()) throw new Error(`buckets of ${id} fall`);
    if (buckets.at(-1) !== values.get(id)) throw new Error(`the last bucket of ${id} is not its count`);
  }
}

const label = ([name, value]: [string, string]): string =>
  `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;

function keyOf(name: string, labels: readonly string[]): string {
  return `${name}|${[...labels].sort().join(",")}`;
}
