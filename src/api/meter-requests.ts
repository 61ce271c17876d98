/** How long requests take, by route: for Prometheus. */
import { Gauge, Histogram, Registry } from "prom-client";
import type { App } from "./app.ts";

declare module "fastify" {
  interface FastifyRequest {
    startedAtMs: number;
  }
}

export interface RequestMeter {
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  /** Streams of events are open for as long as their clients like: they are counted, not timed. */
  streams(change: 1 | -1): void;
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30];

/** Call it before the routes are added. What has no route is counted as one. */
export function meterRequests(app: App, version: string): RequestMeter {
  const registry = new Registry();
  const registers = [registry];
  const duration = new Histogram({
    name: "propeller_http_request_duration_seconds",
    help: "From a request to its answer, by route and class of status.",
    labelNames: ["method", "route", "code"],
    buckets: BUCKETS,
    registers,
  });
  const streams = new Gauge({
    name: "propeller_http_event_streams",
    help: "Open streams of events.",
    registers,
  });
  new Gauge({
    name: "propeller_build_info",
    help: "1, with the version of the manager.",
    labelNames: ["version", "node"],
    registers,
  }).set({ version, node: process.versions.node }, 1);

  app.decorateRequest("startedAtMs", 0);
  app.addHook("onRequest", (request, _reply, done) => {
    request.startedAtMs = performance.now();
    done();
  });
  // Not onResponse: to wait for the socket costs as much as all of this.
  app.addHook("onSend", (request, reply, payload, done) => {
    const route = request.routeOptions.url ?? "none";
    const method = request.is404 ? "any" : request.method;
    const code = `${Math.floor(reply.statusCode / 100)}xx`;
    duration.observe({ method, route, code }, (performance.now() - request.startedAtMs) / 1_000);
    done(null, payload);
  });
  return { text: () => registry.metrics(), streams: (change) => streams.inc(change) };
}
