/** Shows the response of an HTTP handler: the body on stdout, the rest on stderr. */
import { isUtf8 } from "node:buffer";
import { type HttpResponse, parseCgiResponse } from "../function/cgi.ts";

export interface HttpAnswer {
  status: number;
  headers: HttpResponse["headers"];
  /** Bytes that are no UTF-8 are in base64. */
  body: string;
}

/**
 * Reads and, unless `quiet`, shows a response.
 * @throws PropError `RESPONSE_INVALID`
 */
export function showHttpAnswer(stdout: Uint8Array, quiet: boolean): HttpAnswer {
  const { status, reason, headers, body } = parseCgiResponse(stdout);
  if (!quiet) {
    const head = [
      `HTTP ${status} ${reason}`.trimEnd(),
      ...headers.map(([name, value]) => `${name}: ${value}`),
    ];
    process.stderr.write(`${head.join("\n")}\n\n`);
    process.stdout.write(body);
    if (process.stdout.isTTY && body.length > 0 && body.at(-1) !== 10) process.stdout.write("\n");
  }
  return { status, headers, body: Buffer.from(body).toString(isUtf8(body) ? "utf8" : "base64") };
}

/** A server's error is a failure, what a client did wrong is an answer. */
export function answerFailed({ status }: HttpAnswer): boolean {
  return status >= 500;
}
