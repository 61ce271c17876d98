/** The flags that say what a handler is called with: bytes, an event's attributes, an HTTP request. */
import { Flags } from "@oclif/core";
import { PropError } from "../errors.ts";
import { parseAssignments } from "../function/assignments.ts";
import { cgiEnvironment } from "../function/cgi.ts";
import { eventEnvironment } from "../function/cloud-event.ts";
import { readInput } from "./input-data.ts";

const repeatable = { multiple: true, multipleNonGreedy: true } as const;

export const callFlags = {
  data: Flags.string({
    description: "Bytes for the function's stdin: as they stand, @file, or - for stdin.",
    helpValue: "<text|@file|->",
  }),
  attribute: Flags.string({
    description: "CloudEvents attribute, name=value; those an event must have are filled in.",
    exclusive: ["request"],
    ...repeatable,
  }),
  request: Flags.string({
    description: "Call an HTTP handler; its body is what --data names.",
    helpValue: '"POST /path?query"',
  }),
  header: Flags.string({
    description: "Header of the request.",
    helpValue: '"name: value"',
    dependsOn: ["request"],
    ...repeatable,
  }),
};

export interface CallFlags {
  data?: string | undefined;
  attribute?: string[] | undefined;
  request?: string | undefined;
  header?: string[] | undefined;
}

export interface Call {
  /** What the function's environment has of the call. */
  env: Record<string, string>;
  stdin?: Uint8Array;
  /** Whether the answer is an HTTP response. */
  http: boolean;
}

/** @throws PropError `USAGE`, `FILE_NOT_READABLE` */
export async function readCall({ data, attribute, request, header = [] }: CallFlags): Promise<Call> {
  const attributes = parseAssignments(attribute ?? [], "--attribute");
  const asked = request === undefined ? undefined : parseRequest(request);
  const headers = header.map(parseHeader);
  const stdin = data === undefined ? undefined : await readData(data);
  if (asked === undefined) {
    const isEvent = stdin !== undefined || attribute !== undefined;
    const env = isEvent ? eventEnvironment(attributes) : {};
    return { env, http: false, ...(stdin === undefined ? {} : { stdin }) };
  }
  const body = stdin ?? new Uint8Array(0);
  const server = { name: "localhost", port: 80, scriptName: "", remoteAddress: "127.0.0.1" };
  return { env: cgiEnvironment({ ...asked, headers, body }, server), stdin: body, http: true };
}

async function readData(value: string): Promise<Uint8Array> {
  return value === "-" || value.startsWith("@") ? await readInput(value, "--data") : Buffer.from(value);
}

/** `GET` may be left out. */
function parseRequest(text: string): { method: string; target: string } {
  const [, method = "GET", target] = /^(?:([A-Za-z]+) +)?(\/\S*)$/.exec(text.trim()) ?? [];
  if (target !== undefined) return { method: method.toUpperCase(), target };
  throw badUsage(`--request "${text}" is no request`, 'Write it like: --request "POST /orders?x=1"');
}

function parseHeader(text: string): [name: string, value: string] {
  const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):\s*(.*?)\s*$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw badUsage(
    `--header "${text}" is no header`,
    'Write it like: --header "content-type: application/json"',
  );
}

function badUsage(message: string, hint: string): PropError {
  return new PropError({ code: "USAGE", message, hint, exitCode: 2 });
}
