/** The manager's HTTP server (wire-contract, section 2). */

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify from "fastify";
import { PropError, systemCode } from "../errors.ts";
import type { Manager } from "../manager/manager.ts";
import type { App } from "./app.ts";
import { type Auth, identifyClients, requireScopes, usualAuth } from "./auth.ts";
import { type Closing, watchClosing } from "./closing.ts";
import { type ApiLog, sendError } from "./errors.ts";
import { checkHost, checkOrigin, isLoopback } from "./host-guard.ts";
import {
  BODY_BYTES,
  HEADERS_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  REQUESTS_PER_SECOND,
  TIMEOUT_CHECK_MS,
} from "./limits.ts";
import { meterRequests } from "./meter-requests.ts";
import { answerUnrouted } from "./not-found.ts";
import { limitRate } from "./rate-limit.ts";
import { addDeclareRoute } from "./routes/declare-proplet.ts";
import { addEventRoutes } from "./routes/events.ts";
import { addFlRoutes } from "./routes/fl.ts";
import { addFunctionRoutes } from "./routes/functions.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addJobRoutes } from "./routes/jobs.ts";
import { addManifestRoutes } from "./routes/manifests.ts";
import { addMetricsRoute } from "./routes/metrics.ts";
import { addOpenApiRoute } from "./routes/openapi.ts";
import { addPropletRoutes } from "./routes/proplets.ts";
import { addSdfRoute } from "./routes/sdf.ts";
import { addTaskExplainRoute } from "./routes/task-explain.ts";
import { addTaskUploadRoute } from "./routes/task-upload.ts";
import { addTaskRoutes } from "./routes/tasks.ts";
import { addTokenRoutes } from "./routes/tokens.ts";
import { addWorkflowRoutes } from "./routes/workflows.ts";
import { refuseWhatCantBeKept } from "./store-failure.ts";
import { validatorCompiler } from "./validation.ts";

export interface ApiOptions {
  manager: Manager;
  /** `127.0.0.1` by default: this machine only. */
  host?: string;
  /** 0 takes a free one. */
  port: number;
  /** Shown by `GET /health`. */
  version: string;
  /** `none` where `host` is this machine only, else `token`. */
  auth?: Auth;
  /** Requests a second of one token, or of one address; 0 for no limit. None on this machine only, else 1,000. */
  requestsPerSecond?: number;
  /** Told of every bug; stderr by default. */
  log?: ApiLog;
  /** Of one client of `GET /events`, until it is dropped; 16 MiB by default. */
  maxBufferedBytes?: number;
}

export interface Api {
  /** Where this machine reaches it. */
  url: string;
  port: number;
  /**
   * Refuses what comes, answers what is under way within `graceMs` (0 by default), then ends event streams and open
   * sockets. The manager stays open.
   */
  close(options?: { graceMs: number }): Promise<void>;
}

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
  const { app, closing } = await buildApp({ host, ...options });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if (systemCode(error) === "EADDRINUSE") throw portTaken(host, port, error);
    throw error;
  }
  const address = app.server.address();
  const taken = address !== null && typeof address === "object" ? address.port : port;
  return { url: `http://${reachable(host)}:${taken}`, port: taken, close };

  async function close({ graceMs } = { graceMs: 0 }): Promise<void> {
    if (graceMs > 0) await closing.settle(graceMs);
    await app.close();
  }
}

type AppOptions = Omit<ApiOptions, "port" | "host"> & { host: string };

async function buildApp(options: AppOptions): Promise<{ app: App; closing: Closing }> {
  const { host, manager, version, log = stderrLog } = options;
  const { auth = usualAuth(host) } = options;
  const { requestsPerSecond = isLoopback(host) ? 0 : REQUESTS_PER_SECOND } = options;
  const app: App = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: TIMEOUT_CHECK_MS },
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // Existing managers answer with and without one.
    routerOptions: { maxParamLength: LONGEST_ID, ignoreTrailingSlash: true },
    frameworkErrors: (error, _request, reply) => sendError(reply, error, log),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setErrorHandler((error, _request, reply) => sendError(reply, error, log));
  app.setValidatorCompiler(validatorCompiler);
  // Takes half the time of fast-json-stringify for a task; the response schemas only document.
  app.setSerializerCompiler(() => JSON.stringify);
  parseOnlyJson(app);
  const closing = watchClosing(app);
  if (isLoopback(host)) app.addHook("onRequest", async ({ headers }) => checkHost(headers.host, host));
  if (auth === "none") app.addHook("onRequest", async ({ headers }) => checkOrigin(headers));
  const meter = meterRequests(app, version);
  identifyClients(app, manager.tokens);
  if (requestsPerSecond > 0) limitRate(app, requestsPerSecond);
  answerUnrouted(app);
  if (auth === "token") requireScopes(app);
  refuseWhatCantBeKept(app, manager);

  await addOpenApiRoute(app, options);
  addHealthRoutes(app, options);
  addPropletRoutes(app, options);
  addSdfRoute(app, options);
  addDeclareRoute(app, options);
  addTaskRoutes(app, options);
  addTaskExplainRoute(app, options);
  await addTaskUploadRoute(app, options);
  addFunctionRoutes(app, options);
  addManifestRoutes(app, options);
  addJobRoutes(app, options);
  addWorkflowRoutes(app, options);
  await addFlRoutes(app, options);
  addTokenRoutes(app, options);
  addMetricsRoute(app, { ...options, meter });
  addEventRoutes(app, { ...options, meter });
  return { app, closing };
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
