/** `GET /metrics`: what the manager measures, in the text format of Prometheus. */
import { joinMetrics, METRICS_CONTENT_TYPE, processMetrics } from "../../telemetry/metrics.ts";
import type { App, RouteDeps } from "../app.ts";
import { reading } from "../auth.ts";
import type { RequestMeter } from "../meter-requests.ts";

export function addMetricsRoute(app: App, { manager, meter }: RouteDeps & { meter: RequestMeter }): void {
  app.get("/metrics", { ...reading, schema: { produces: ["text/plain"] } }, async (_request, reply) => {
    const texts = await Promise.all([manager.metrics(), meter.text(), processMetrics()]);
    // Already text: the serializer that all routes share would make JSON of it.
    return reply.type(METRICS_CONTENT_TYPE).serializer(String).send(joinMetrics(texts));
  });
}
