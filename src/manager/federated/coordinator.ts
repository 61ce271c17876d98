/** The coordinator of federated learning, an HTTP server elsewhere: requests go on to it as they came. */
import { messageOf, PropError } from "../../errors.ts";

export interface Forwarded {
  method: "GET" | "POST";
  /** Under the coordinator's URL: `/task?round_id=1`. */
  path: string;
  contentType?: string;
  body?: Uint8Array;
}

export interface Answered {
  status: number;
  contentType: string;
  body: Uint8Array;
}

export interface Coordinator {
  /** @throws PropError `COORDINATOR_MISSING` */
  check(): void;
  /** @throws PropError `COORDINATOR_MISSING`, `COORDINATOR_UNREACHABLE`, `COORDINATOR_TIMEOUT`, `COORDINATOR_FAILED` */
  forward(request: Forwarded): Promise<Answered>;
  /** A model update as JSON. @throws as `forward`; `COORDINATOR_FAILED` too where it is refused */
  sendUpdate(update: string): Promise<void>;
}

const TIMEOUT_MS = 30_000;
const LARGEST_ANSWER_BYTES = 100 * 1_048_576;

/** @param url of the coordinator; undefined where there is none */
export function createCoordinator(url: string | undefined): Coordinator {
  async function forward({ method, path, contentType, body }: Forwarded): Promise<Answered> {
    if (url === undefined) throw missing();
    try {
      const response = await fetch(`${url.replace(/\/+$/, "")}${path}`, {
        method,
        headers: contentType === undefined ? {} : { "content-type": contentType },
        body: body === undefined ? null : new Uint8Array(body),
        // Whoever it sends us to was not named by who runs this manager.
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status >= 300 && response.status < 400)
        throw failed("it redirects, which is not followed");
      const type = response.headers.get("content-type") ?? "application/octet-stream";
      return { status: response.status, contentType: type, body: await bytesOf(response) };
    } catch (error) {
      throw error instanceof PropError ? error : notAnswered(url, error);
    }
  }
  return {
    check() {
      if (url === undefined) throw missing();
    },
    forward,
    async sendUpdate(update) {
      const { status } = await forward({
        method: "POST",
        path: "/update",
        contentType: "application/json",
        body: Buffer.from(update),
      });
      if (status >= 300) throw failed(`it refused an update with status ${status}`);
    },
  };
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_ANSWER_BYTES) throw failed("its answer is larger than 100 MB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function missing(): PropError {
  return new PropError({
    code: "COORDINATOR_MISSING",
    message: "this manager has no coordinator of federated learning",
    hint: "start it with --coordinator-url, or set MANAGER_COORDINATOR_URL",
  });
}

function failed(what: string): PropError {
  return new PropError({ code: "COORDINATOR_FAILED", message: `the coordinator failed: ${what}` });
}

function notAnswered(url: string, cause: unknown): PropError {
  if (cause instanceof Error && cause.name === "TimeoutError") {
    return new PropError({
      code: "COORDINATOR_TIMEOUT",
      message: `the coordinator at ${url} did not answer in ${TIMEOUT_MS / 1_000} s`,
      cause,
    });
  }
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  return new PropError({
    code: "COORDINATOR_UNREACHABLE",
    message: `cannot reach the coordinator at ${url}: ${messageOf(inner)}`,
    hint: "check --coordinator-url, and that the coordinator runs",
    cause,
  });
}
