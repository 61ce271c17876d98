/** `GET /health`. */
import type { App, RouteDeps } from "../app.ts";
import { open } from "../auth.ts";
import { WireHealth } from "../wire.ts";

export function addHealthRoutes(app: App, { manager, version }: RouteDeps): void {
  app.get("/health", { ...open, schema: { response: { 200: WireHealth } } }, async (_request, reply) => {
    const health = {
      version,
      commit: "none",
      description: "manager service",
      build_time: "unknown",
      instance_id: manager.instanceId,
    };
    reply.type("application/health+json");
    const troubles = manager.connected ? [] : ["not connected to the broker"];
    const failure = manager.storeFailure();
    if (failure !== undefined) troubles.push(failure.message);
    if (troubles.length === 0) return { status: "pass" as const, ...health };
    return { status: "warn" as const, ...health, output: troubles.join("; ") };
  });
}
