/** One request to a manager: its answer as JSON, or a PropError. */
import { answeredError, hungUpOnBody, managerUnreachable, notAManager } from "./client-errors.ts";
import { BODY_BYTES } from "./limits.ts";

export interface Connection {
  /** Without a slash at its end. */
  url: string;
  token?: string;
  signal?: AbortSignal;
}

export interface Call {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Left out where undefined. */
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  json?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
}

/**
 * @throws PropError `MANAGER_UNREACHABLE`; with the manager's own code for an answer that is none of the 200s;
 *   `NOT_A_MANAGER`
 */
export async function send({ url, token, signal }: Connection, path: string, call: Call): Promise<Response> {
  const { method = "GET", query, json, form, headers } = call;
  const text = json === undefined ? null : JSON.stringify(json);
  let response: Response;
  try {
    response = await fetch(`${url}${path}${queryText(query)}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: form ?? text,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (failure) {
    if (signal?.aborted) throw signal.reason;
    // Whoever refuses a body for its size need not read it to its end, and then the answer is lost with the connection.
    const hungUp = (text?.length ?? 0) > BODY_BYTES ? hungUpOnBody(url, failure) : undefined;
    throw hungUp ?? managerUnreachable(url, failure);
  }
  if (!response.ok) throw await refusal(url, response);
  return response;
}

/** The answer, parsed: `T` is what the manager's schema for this route says. `undefined` for an empty one. */
export async function requestJson<T>(connection: Connection, path: string, call: Call = {}): Promise<T> {
  const response = await send(connection, path, call);
  const text = await bodyText(connection, response);
  const parsed = text === "" ? undefined : parseJson(text);
  if (text !== "" && parsed === undefined)
    throw notAManager(connection.url, response.status, contentType(response));
  return parsed as T;
}

async function bodyText({ url, signal }: Connection, response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (failure) {
    if (signal?.aborted) throw signal.reason;
    throw managerUnreachable(url, failure);
  }
}

async function refusal(url: string, response: Response): Promise<Error> {
  const text = await bodyText({ url }, response);
  const parsed = parseJson(text);
  if (
    parsed !== null &&
    typeof parsed === "object" &&
    "error" in parsed &&
    typeof parsed.error === "string"
  ) {
    return answeredError(response, parsed.error);
  }
  return notAManager(url, response.status, contentType(response));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function contentType(response: Response): string | null {
  return response.headers.get("content-type");
}

function queryText(query: Call["query"]): string {
  const entries = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return entries.length === 0 ? "" : `?${new URLSearchParams(entries)}`;
}
