/** Every error that leaves the API is made here: its status, its legacy envelope and our own headers. */
import type { FastifyReply } from "fastify";
import { PropError, systemCode } from "../errors.ts";
import type { Log } from "../manager/log.ts";
import { BAD_REQUEST, ERROR_HEADERS } from "./error-envelope.ts";

/** Hears of every bug. */
export type ApiLog = Pick<Log, "error">;

const STATUSES: Record<string, number> = {
  REQUEST_INVALID: 400,
  TASK_INVALID: 400,
  TASK_NOT_LATENT: 400,
  MODULE_INVALID: 400,
  FUNCTION_INVALID: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  HOST_REFUSED: 403,
  ORIGIN_REFUSED: 403,
  TASK_NOT_RUNNING: 404,
  TASK_ACTIVE: 409,
  TASK_NEEDED: 409,
  JOB_ACTIVE: 409,
  WORKFLOW_ACTIVE: 409,
  PROPLET_BUSY: 409,
  MODULE_TOO_LARGE: 413,
  MANAGER_CLOSING: 503,
  STORE_FAILED: 503,
  BODY_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  COORDINATOR_FAILED: 502,
  COORDINATOR_UNREACHABLE: 502,
  COORDINATOR_TIMEOUT: 504,
  STREAMS_LIMITED: 429,
};

/** The status for an error of the manager; 500 where the request could not have been better. */
export function statusOf({ code, exitCode }: PropError): number {
  const known = STATUSES[code];
  if (known !== undefined) return known;
  if (code.endsWith("_NOT_FOUND")) return 404;
  if (code.endsWith("_INVALID") || exitCode === 2) return 400;
  return 500;
}

/** A request that is wrong in itself. */
export function badRequest(message: string, hint?: string): PropError {
  return new PropError({ code: "REQUEST_INVALID", message, ...(hint === undefined ? {} : { hint }) });
}

export function moduleTooLarge(): PropError {
  return new PropError({
    code: "MODULE_TOO_LARGE",
    message: "the module is too large",
    hint: "a module may have 100 MB",
  });
}

function bodyTooLarge(limitBytes: number): PropError {
  const inMiB = (bytes: number) => `${Math.floor(bytes / 104_857.6) / 10} MiB`;
  return new PropError({
    code: "BODY_TOO_LARGE",
    message: "the body is too large",
    hint: `here it may have ${inMiB(limitBytes)}; bytes in base64, at most ${inMiB(limitBytes * 0.75)} of them`,
  });
}

/** Answers with what was thrown; what is no PropError is a bug, and is logged with its stack. */
export function sendError(reply: FastifyReply, thrown: unknown, log: ApiLog): FastifyReply {
  const error = thrown instanceof PropError ? thrown : refusedByFastify(thrown, reply);
  if (error === undefined) {
    const { method, url } = reply.request;
    log.error(`${method} ${url} failed: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
    return reply
      .code(500)
      .type("application/json")
      .send(JSON.stringify({ error: "internal error" }));
  }
  const status = statusOf(error);
  if (status === 503) reply.header("retry-after", RETRY_AFTER_SECONDS);
  reply.header(ERROR_HEADERS.code, error.code);
  if (error.hint !== undefined) reply.header(ERROR_HEADERS.hint, headerText(error.hint));
  if (status === 404) reply.header(ERROR_HEADERS.message, headerText(error.message));
  return reply
    .code(status)
    .type("application/json")
    .send(JSON.stringify({ error: envelopeText(status, error.message) }));
}

function envelopeText(status: number, message: string): string {
  if (status === 400) return `${BAD_REQUEST}\n${message}`;
  if (status === 404) return "not found";
  if (status === 409) return `conflict: ${message}`;
  return message;
}

const RETRY_AFTER_SECONDS = 2;
const LONGEST_HEADER = 1_000;

function headerText(text: string): string {
  return encodeURIComponent(text.slice(0, LONGEST_HEADER).toWellFormed());
}

/** What Fastify and its plugins refuse on their own, in the contract's words; undefined where they failed. */
function refusedByFastify(thrown: unknown, reply: FastifyReply): PropError | undefined {
  if (!(thrown instanceof Error) || !("statusCode" in thrown) || typeof thrown.statusCode !== "number")
    return undefined;
  if (thrown.statusCode < 400 || thrown.statusCode >= 500) return undefined;
  const code = systemCode(thrown);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return badRequest("unsupported content type", "send JSON with the header Content-Type: application/json");
  }
  if (code === "FST_REQ_FILE_TOO_LARGE") return moduleTooLarge();
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return bodyTooLarge(reply.request.routeOptions.bodyLimit);
  return badRequest(thrown.message);
}
