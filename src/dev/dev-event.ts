/** What `prop dev` has to tell, as data and as lines. */
import { stripVTControlCharacters } from "node:util";
import type { DevRecord } from "../config/dev-record.ts";
import { sizeText } from "../engine/size-text.ts";

export type DevEvent =
  | { type: "listening"; record: DevRecord; proplets: number; ephemeral: boolean }
  | { type: "port_moved"; what: string; from: number; to: number }
  | { type: "built"; file: string; size_bytes: number }
  | { type: "deployed"; name: string; revision: number; unchanged: boolean; sample_inputs: string[] }
  | { type: "compiler"; text: string }
  | { type: "error"; code: string; message: string; hint?: string }
  | {
      type: "invocation";
      name: string;
      inputs: string[];
      results?: string;
      error?: string;
      duration_ms: number;
      proplet_id?: string;
    }
  | { type: "warning"; message: string }
  | { type: "stopping" };

export interface Shown {
  stream: "stdout" | "stderr";
  /** Complete lines, but for what a compiler writes. */
  text: string;
}

/**
 * An event as it is shown on a terminal: what happened on stdout, what went wrong on stderr.
 * @param colours whether those of a compiler are kept
 */
export function showDevEvent(event: DevEvent, { colours }: { colours: boolean }): Shown {
  switch (event.type) {
    case "listening":
      return out(listening(event));
    case "port_moved":
      return talk(`port ${event.from} is taken: the ${event.what} listens on ${event.to}`);
    case "built":
      return out(`built ${event.file} (${sizeText(event.size_bytes)})`);
    case "deployed":
      return out(deployed(event));
    case "compiler":
      return { stream: "stderr", text: colours ? event.text : stripVTControlCharacters(event.text) };
    case "error":
      return talk([`Error: ${event.message}`, ...hintLines(event.hint)].join("\n"));
    case "invocation":
      return out(invocation(event));
    case "warning":
      return talk(`Warning: ${event.message}`);
    case "stopping":
      return talk("stopping; once more ends it at once");
  }
}

type EventOf<T extends DevEvent["type"]> = Extract<DevEvent, { type: T }>;

function listening({ record, proplets, ephemeral }: EventOf<"listening">): string {
  return [
    `HTTP API  ${record.url}`,
    `MQTT      ${record.mqtt}`,
    `proplets  ${proplets}`,
    ...(record.registry === undefined ? [] : [`registry  ${record.registry}`]),
    `data      ${record.dataDir}${ephemeral ? " (removed at the end)" : ""}`,
  ].join("\n");
}

function deployed({ name, revision, unchanged, sample_inputs }: EventOf<"deployed">): string {
  const how = unchanged ? "unchanged" : "deployed";
  return `${how} ${name} (revision ${revision})\ninvoke it: ${["prop invoke", name, ...sample_inputs].join(" ")}`;
}

function invocation({ name, inputs, results, error, ...rest }: EventOf<"invocation">): string {
  const outcome = error === undefined ? (results ?? "").trimEnd() : `failed: ${error}`;
  const duration = `${rest.duration_ms.toFixed(1)} ms`;
  return [[name, ...inputs, "→", oneLine(outcome)].join(" "), duration, rest.proplet_id ?? ""]
    .join("  ")
    .trimEnd();
}

/** Results can be a whole page: its first line tells enough here. */
function oneLine(text: string): string {
  const [first = ""] = text.split("\n");
  return first.length < text.length || first.length > 120 ? `${first.slice(0, 120)} …` : first;
}

function hintLines(hint: string | undefined): string[] {
  return hint === undefined ? [] : hint.split("\n").map((line) => `  ${line}`);
}

function out(line: string): Shown {
  return { stream: "stdout", text: `${line}\n` };
}

function talk(line: string): Shown {
  return { stream: "stderr", text: `${line}\n` };
}
