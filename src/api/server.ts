/** The manager's HTTP server (wire-contract, section 2). */

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify from "fastify";
import { PropError, systemCode } from "../errors.ts";
import type { Manager } from "../manager/manager.ts";
import type { App } from "./app.ts";
import { type ApiLog, sendError } from "./errors.ts";
import { checkHost, isLoopback } from "./host-guard.ts";
import { answerUnrouted } from "./not-found.ts";
import { addEventRoutes } from "./routes/events.ts";
import { addFunctionRoutes } from "./routes/functions.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addOpenApiRoute } from "./routes/openapi.ts";
import { addPropletRoutes } from "./routes/proplets.ts";
import { addTaskUploadRoute } from "./routes/task-upload.ts";
import { addTaskRoutes } from "./routes/tasks.ts";
import { validatorCompiler } from "./validation.ts";

export interface ApiOptions {
  manager: Manager;
  /** `127.0.0.1` by default: this machine only. */
  host?: string;
  /** 0 takes a free one. */
  port: number;
  /** Shown by `GET /health`. */
  version: string;
  /** Told of every bug; stderr by default. */
  log?: ApiLog;
  /** Of one client of `GET /events`, until it is dropped; 16 MiB by default. */
  maxBufferedBytes?: number;
}

export interface Api {
  /** Where this machine reaches it. */
  url: string;
  port: number;
  /** Ends event streams and open sockets at once. The manager stays open. */
  close(): Promise<void>;
}

/** A module of 100 MB in base64, and what stands around it. */
const LARGEST_BODY_BYTES = 140 * 1024 * 1024;
const LONGEST_ID = 300;
/** From the Fetch standard, section 2.10, "bad port": no client that follows it could reach us there. */
const blockedPorts = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
  109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
  3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/**
 * Serves the manager over HTTP.
 *
 * @throws PropError `PORT_TAKEN`, `PORT_FORBIDDEN`
 */
export async function createApi({ host = "127.0.0.1", port, ...options }: ApiOptions): Promise<Api> {
  if (blockedPorts.has(port)) throw portForbidden(port);
  const app = await buildApp({ host, ...options });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if (systemCode(error) === "EADDRINUSE") throw portTaken(host, port, error);
    throw error;
  }
  const address = app.server.address();
  const taken = address !== null && typeof address === "object" ? address.port : port;
  return { url: `http://${reachable(host)}:${taken}`, port: taken, close: () => app.close() };
}

async function buildApp(options: Omit<ApiOptions, "port" | "host"> & { host: string }): Promise<App> {
  const { host, log = stderrLog } = options;
  const app: App = fastify({
    logger: false,
    bodyLimit: LARGEST_BODY_BYTES,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: LONGEST_ID },
    frameworkErrors: (error, _request, reply) => sendError(reply, error, log),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setErrorHandler((error, _request, reply) => sendError(reply, error, log));
  app.setValidatorCompiler(validatorCompiler);
  // Takes half the time of fast-json-stringify for a task; the response schemas only document.
  app.setSerializerCompiler(() => JSON.stringify);
  parseOnlyJson(app);
  if (isLoopback(host)) app.addHook("onRequest", async ({ headers }) => checkHost(headers.host, host));
  answerUnrouted(app);

  await addOpenApiRoute(app, options);
  addHealthRoutes(app, options);
  addPropletRoutes(app, options);
  addTaskRoutes(app, options);
  await addTaskUploadRoute(app, options);
  addFunctionRoutes(app, options);
  addEventRoutes(app, options);
  return app;
}

/** An empty body is for the schema to judge: `start` and `stop` have none, whatever content type a client sends. */
function parseOnlyJson(app: App): void {
  const parse = app.getDefaultJsonParser("error", "ignore");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else parse(request, body.toString(), done);
  });
}

const stderrLog: ApiLog = { error: (line) => process.stderr.write(`${line}\n`) };

function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function portForbidden(port: number): PropError {
  return new PropError({
    code: "PORT_FORBIDDEN",
    message: `port ${port} can't be used: browsers and HTTP clients refuse to connect to it`,
    hint: "choose another port",
    exitCode: 2,
  });
}

function portTaken(host: string, port: number, cause: unknown): PropError {
  return new PropError({
    code: "PORT_TAKEN",
    message: `port ${port} of ${host} is taken`,
    hint: "stop what listens there, or choose another port",
    cause,
  });
}
