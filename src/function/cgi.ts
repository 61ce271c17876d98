/** HTTP as a module sees it, which is CGI/1.1 (RFC 3875): a request is variables and stdin, an answer is stdout. */
import { PropError } from "../errors.ts";

export interface HttpRequest {
  method: string;
  /** The path below the function, percent-encoded, with the query: `/orders?x=1`. */
  target: string;
  /** Repeated headers are several entries. */
  headers: readonly (readonly [name: string, value: string])[];
  body: Uint8Array;
}

export interface CgiServer {
  name: string;
  port: number;
  /** The path that leads to the function, "" for the root. */
  scriptName: string;
  remoteAddress: string;
}

export interface HttpResponse {
  status: number;
  reason: string;
  /** As they were written, without `Status`; a repeated header is several entries. */
  headers: [name: string, value: string][];
  body: Uint8Array;
}

/** RFC 3875, 4.1.18: a server doesn't pass on what a script must not learn, or has another variable for. */
const withheld = new Set(["authorization", "proxy-authorization", "content-type", "content-length", "proxy"]);

/** The meta-variables of a request (RFC 3875, 4.1). */
export function cgiEnvironment(request: HttpRequest, server: CgiServer): Record<string, string> {
  const [path = "", query = ""] = splitOnce(request.target, "?");
  return {
    ...headerVariables(request.headers),
    ...contentVariables(request),
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_PROTOCOL: "HTTP/1.1",
    SERVER_SOFTWARE: "prop",
    SERVER_NAME: server.name,
    SERVER_PORT: String(server.port),
    REMOTE_ADDR: server.remoteAddress,
    REQUEST_METHOD: request.method,
    SCRIPT_NAME: server.scriptName,
    PATH_INFO: decodePath(path),
    QUERY_STRING: query,
  };
}

/** Two headers of one name are one with a comma, cookies with a semicolon (RFC 9110, 5.3; RFC 6265, 5.4). */
function headerVariables(headers: HttpRequest["headers"]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (withheld.has(name.toLowerCase())) continue;
    const variable = `HTTP_${name.toUpperCase().replaceAll("-", "_")}`;
    const earlier = variables[variable];
    const separator = variable === "HTTP_COOKIE" ? "; " : ", ";
    variables[variable] = earlier === undefined ? value : `${earlier}${separator}${value}`;
  }
  return variables;
}

/** CONTENT_LENGTH is there only with a body (RFC 3875, 4.1.2). */
function contentVariables({ headers, body }: HttpRequest): Record<string, string> {
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
  return {
    ...(type === undefined ? {} : { CONTENT_TYPE: type }),
    ...(body.length === 0 ? {} : { CONTENT_LENGTH: String(body.length) }),
  };
}

/** PATH_INFO is not URL-encoded (RFC 3875, 4.1.5). What doesn't decode stays as it is. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Reads what a handler wrote (RFC 3875, 6): header lines, an empty line, the body.
 * @throws PropError `RESPONSE_INVALID`
 */
export function parseCgiResponse(stdout: Uint8Array): HttpResponse {
  const { head, body } = splitHead(stdout);
  const fields = unfold(head).map(parseField);
  if (fields.length === 0) throw invalid("it begins with an empty line: no header was written");
  const headers = fields.filter(([name]) => name.toLowerCase() !== "status");
  return { ...statusOf(fields), headers, body };
}

/** Lines end with LF or CRLF, each as it likes. */
function splitHead(stdout: Uint8Array): { head: string; body: Uint8Array } {
  let start = 0;
  for (let end = stdout.indexOf(10); end !== -1; end = stdout.indexOf(10, start)) {
    const empty = end === start || (end === start + 1 && stdout[start] === 13);
    if (empty) return { head: decode(stdout.subarray(0, start)), body: stdout.slice(end + 1) };
    start = end + 1;
  }
  throw invalid("no empty line ends its headers");
}

/** Header fields are bytes; UTF-8 where they are that. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A line that starts with a space or a tab goes on with the one before (RFC 2616, 2.2, which CGI refers to). */
function unfold(head: string): string[] {
  const lines: string[] = [];
  for (const line of head.split(/\r?\n/)) {
    if (line === "") continue;
    const last = lines.length - 1;
    if (/^[ \t]/.test(line) && last >= 0) lines[last] = `${lines[last]} ${line.trim()}`.trimEnd();
    else lines.push(line);
  }
  return lines;
}

function parseField(line: string): [name: string, value: string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/s.exec(line) ?? [];
  if (name === undefined || value === undefined) throw invalid(`${JSON.stringify(line)} is no header`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) throw invalid(`the header ${name} has a control character`);
  return [name, value];
}

/** `Status`, else 302 where there is a `Location` with a scheme, else 200 (RFC 3875, 6.2 and 6.3.3). */
function statusOf(fields: [string, string][]): Pick<HttpResponse, "status" | "reason"> {
  const [, written] = once(fields, "status") ?? [];
  const [, location] = once(fields, "location") ?? [];
  once(fields, "content-type");
  if (written === undefined)
    return location === undefined ? { status: 200, reason: "OK" } : { status: 302, reason: "Found" };
  const [, digits, reason = ""] = /^([1-9]\d\d)(?: (.*))?$/.exec(written) ?? [];
  if (digits === undefined)
    throw invalid(`the Status ${JSON.stringify(written)} is not like "404 Not Found"`);
  return { status: Number(digits), reason };
}

/** A CGI field stands at most once (RFC 3875, 6.3). */
function once(fields: [string, string][], wanted: string): [string, string] | undefined {
  const [first, second] = fields.filter(([name]) => name.toLowerCase() === wanted);
  if (second !== undefined) throw invalid(`the header ${second[0]} is there twice`);
  return first;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function invalid(what: string): PropError {
  return new PropError({
    code: "RESPONSE_INVALID",
    message: `what the function wrote is no HTTP response: ${what}`,
    hint: "Write headers, an empty line, then the body: Content-Type: text/plain",
  });
}
