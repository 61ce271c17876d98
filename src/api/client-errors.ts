/** What goes wrong between a client and its manager, in words that a user can act on. */
import { messageOf, PropError, systemCode } from "../errors.ts";
import { BAD_REQUEST, ERROR_HEADERS } from "./error-envelope.ts";

const REASONS: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name could not be looked up",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "no answer",
  UND_ERR_CONNECT_TIMEOUT: "no answer",
  UND_ERR_SOCKET: "the connection was closed",
};

/** @param failure what `fetch` was rejected with */
export function managerUnreachable(url: string, failure: unknown): PropError {
  const cause = failure instanceof Error && failure.cause !== undefined ? failure.cause : failure;
  return new PropError({
    code: "MANAGER_UNREACHABLE",
    message: `cannot reach the manager at ${url}: ${REASONS[systemCode(cause) ?? ""] ?? messageOf(cause)}`,
    hint: isLocal(url) ? "Start one with: prop dev" : "Check the address, and that a manager runs there.",
    cause: failure,
  });
}

const HUNG_UP = new Set(["EPIPE", "ECONNRESET", "UND_ERR_SOCKET"]);

/** That the other end closed the connection while a large body was sent; undefined where that isn't what happened. */
export function hungUpOnBody(url: string, failure: unknown): PropError | undefined {
  const cause = failure instanceof Error && failure.cause !== undefined ? failure.cause : failure;
  if (!HUNG_UP.has(systemCode(cause) ?? "")) return undefined;
  return new PropError({
    code: "BODY_TOO_LARGE",
    message: `the manager at ${url} hung up while a large body was sent to it`,
    hint: "It takes 24 MiB of input for an invocation, and 100 MiB of module.",
    cause: failure,
  });
}

function isLocal(url: string): boolean {
  return URL.canParse(url) && /^(localhost|127\..*|\[::1\])$/.test(new URL(url).hostname);
}

/** Something answers there, but not as a manager does. */
export function notAManager(url: string, status: number, contentType: string | null): PropError {
  const what = contentType === null ? "no content type" : contentType;
  return new PropError({
    code: "NOT_A_MANAGER",
    message: `what answers at ${url} is not a prop manager: status ${status}, ${what} instead of JSON`,
    hint: "Check the address and the port; a manager listens on 7070 unless told otherwise.",
  });
}

const CODES: Record<number, string> = {
  400: "REQUEST_INVALID",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  429: "RATE_LIMITED",
};

/** Where the manager has none: something in front of it refused, or it is a legacy one. */
const HINTS: Record<number, string> = {
  401: "Give the target a token: prop target add <name> <url> --token-stdin, or set PROP_TOKEN",
};

/** The manager's own error again: ours says its code and hint in headers, a legacy one only the text. */
export function answeredError(response: Response, text: string): PropError {
  const hint = header(response, ERROR_HEADERS.hint) ?? HINTS[response.status];
  return new PropError({
    code: response.headers.get(ERROR_HEADERS.code) ?? CODES[response.status] ?? "MANAGER_FAILED",
    message: header(response, ERROR_HEADERS.message) ?? withoutPreamble(text),
    ...(hint === undefined ? {} : { hint }),
  });
}

function header(response: Response, name: string): string | undefined {
  const text = response.headers.get(name);
  if (text === null) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The legacy manager writes its preamble before the reason or after it. */
function withoutPreamble(text: string): string {
  const lines = text.split("\n").filter((line) => line !== BAD_REQUEST);
  return lines.length === 0 ? text : lines.join("\n");
}
