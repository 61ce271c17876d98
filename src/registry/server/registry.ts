/** A registry of images on this machine (OCI distribution spec 1.1), its content in a folder. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import fastify, { type FastifyInstance } from "fastify";
import { messageOf, PropError, systemCode, traceOf } from "../../errors.ts";
import { createBlobStore, isDiskFull } from "../store/blob-store.ts";
import { answerBlob } from "./blobs.ts";
import { openCatalog } from "./catalog.ts";
import { collectGarbage } from "./collect.ts";
import type { Context, Exchange } from "./context.ts";
import { addGuard } from "./guard.ts";
import type { Credentials } from "./htpasswd.ts";
import { listReferrers, listRepositories, listTags } from "./lists.ts";
import { answerManifest } from "./manifests.ts";
import { beginUpload, continueUpload } from "./receive-blobs.ts";
import { errorBody, Refusal } from "./refusal.ts";
import { parseRequestPath } from "./request-path.ts";
import { createUploads } from "./uploads.ts";

export interface RegistryOptions {
  /** Of all that it keeps. */
  dir: string;
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Everybody who reaches it where there are none. */
  credentials?: Credentials;
  /** Takes nothing new and deletes nothing. */
  readOnly?: boolean;
  log: { info: (message: string) => void; error: (message: string) => void };
}

export interface Registry {
  url: string;
  /** As it stands in references: `127.0.0.1:5000`. */
  host: string;
  port: number;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** A push may take this long from its first blob to its manifest. */
const UNUSED_MS = 24 * HOUR_MS;
/** Of a client that neither sends nor takes anything. */
const SILENT_MS = 120_000;

/** @throws PropError `PORT_TAKEN` */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const { dir, host, port, log, readOnly = false } = options;
  await mkdir(dir, { recursive: true });
  const blobDir = join(dir, "blobs");
  const catalog = openCatalog(join(dir, "registry.db"), Date.now);
  const context: Context = {
    catalog,
    blobDir,
    blobs: createBlobStore(blobDir),
    uploads: createUploads(join(dir, "uploads")),
  };
  const app = buildApp(context, { ...options, readOnly });
  const cleaning = readOnly ? undefined : keepClean(context, log);
  app.addHook("onClose", async () => {
    await cleaning?.stop();
    catalog.close();
  });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw systemCode(error) === "EADDRINUSE" ? portTaken(host, port, error) : error;
  }
  const address = app.server.address();
  const taken = address !== null && typeof address === "object" ? address.port : port;
  const name = `${reachable(host)}:${taken}`;
  return { url: `http://${name}`, host: name, port: taken, close: () => app.close() };
}

function buildApp(
  context: Context,
  { host, log, readOnly, credentials }: RegistryOptions & { readOnly: boolean },
): FastifyInstance {
  const app = fastify({
    logger: false,
    connectionTimeout: SILENT_MS,
    // A whole blob may take hours.
    requestTimeout: 0,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    bodyLimit: Number.MAX_SAFE_INTEGER,
    routerOptions: { maxParamLength: 4_096 },
    http: { noDelay: true, headersTimeout: 60_000 },
    frameworkErrors: (error, _request, reply) => sendError(reply, error, log),
  });
  app.removeAllContentTypeParsers();
  // Bodies stay streams: who handles a request reads it.
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  app.setErrorHandler((error, _request, reply) => sendError(reply, error, log));
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("docker-distribution-api-version", "registry/2.0");
  });
  addGuard(app, { host, readOnly, ...(credentials === undefined ? {} : { credentials }) });
  app.setNotFoundHandler((request, reply) => answer(context, request, reply));
  app.all("/v2/*", (request, reply) => answer(context, request, reply));
  return app;
}

async function answer(context: Context, request: Exchange["request"], reply: Exchange["reply"]) {
  const [path = "", query = ""] = request.raw.url?.split("?") ?? [];
  const exchange = { method: request.method, query: new URLSearchParams(query), request, reply };
  const sent = await dispatch(context, exchange, path);
  if (sent !== undefined) return sent;
  throw new Refusal({ code: "UNSUPPORTED", message: `${request.method} is not for ${path.slice(0, 300)}` });
}

async function dispatch(context: Context, exchange: Exchange, path: string): Promise<unknown> {
  const about = parseRequestPath(path);
  switch (about.type) {
    case "manifest":
      return answerManifest(context, exchange, about);
    case "blob":
      return answerBlob(context, exchange, about);
    case "uploads":
      return beginUpload(context, exchange, about);
    case "upload":
      return continueUpload(context, exchange, about);
    case "unknown":
      throw new Refusal({
        code: "UNSUPPORTED",
        status: 404,
        message: `there is nothing at ${path.slice(0, 300)}`,
      });
  }
  if (exchange.method !== "GET" && exchange.method !== "HEAD") return undefined;
  if (about.type === "tags") return listTags(context, exchange, about);
  if (about.type === "referrers") return listReferrers(context, exchange, about);
  return about.type === "catalog" ? listRepositories(context, exchange) : exchange.reply.send({});
}

function sendError(reply: Exchange["reply"], error: unknown, log: RegistryOptions["log"]) {
  reply.removeHeader("content-length").header("content-type", "application/json");
  if (error instanceof Refusal) {
    return reply.code(error.status).headers(error.headers).send(errorBody(error.code, error.message));
  }
  if (isDiskFull(error)) {
    log.error(`the disk is full: ${messageOf(error)}`);
    return reply.code(507).send(errorBody("UNKNOWN", "the registry's disk is full"));
  }
  const status = statusOf(error);
  if (status !== undefined) return reply.code(status).send(errorBody("UNSUPPORTED", messageOf(error)));
  // A client that went away is no bug, and nobody reads the answer.
  if (!reply.request.raw.destroyed) log.error(traceOf(error));
  return reply.code(500).send(errorBody("UNKNOWN", "the registry failed; its log says why"));
}

/** Fastify's own refusals, of requests that are no HTTP as it should be. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" && error.statusCode < 500 ? error.statusCode : undefined;
}

/** Cleans at once, then every hour, until it is stopped. */
function keepClean(context: Context, log: RegistryOptions["log"]): { stop(): Promise<void> } {
  let cleaning = Promise.resolve();
  const clean = async () => {
    const { blobs, sizeBytes, uploads } = await collectGarbage(context, Date.now() - UNUSED_MS);
    if (blobs + uploads > 0) {
      log.info(
        `removed ${blobs} unused blobs of ${sizeBytes} bytes, and ${uploads} uploads that were given up`,
      );
    }
  };
  const next = () => {
    cleaning = cleaning.then(clean).catch((error: unknown) => log.error(traceOf(error)));
  };
  next();
  const timer = setInterval(next, HOUR_MS).unref();
  return {
    stop() {
      clearInterval(timer);
      return cleaning;
    },
  };
}

function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function portTaken(host: string, port: number, cause: unknown): PropError {
  return new PropError({
    code: "PORT_TAKEN",
    message: `port ${port} of ${host} is taken`,
    hint: "stop what listens there, or choose another port",
    cause,
  });
}
