/** How the API shows what proplets measured: every figure is there, 0 where the proplet did not say. */
import type { PropletMetrics, TaskMetrics } from "../protocol/messages/metrics.ts";
import { UNSET_TIME } from "./present-task.ts";
import type { WirePropletMetrics, WireTaskMetrics } from "./wire.ts";

export function presentPropletMetrics(measured: PropletMetrics): WirePropletMetrics {
  return {
    proplet_id: measured.proplet_id,
    namespace: measured.namespace ?? "",
    timestamp: timeOf(measured.timestamp),
    cpu_metrics: { user_seconds: 0, system_seconds: 0, percent: 0, ...measured.cpu_metrics },
    memory_metrics: {
      rss_bytes: 0,
      heap_alloc_bytes: 0,
      heap_sys_bytes: 0,
      heap_inuse_bytes: 0,
      ...measured.memory_metrics,
    },
  };
}

export function presentTaskMetrics(measured: TaskMetrics): WireTaskMetrics {
  return {
    task_id: measured.task_id,
    proplet_id: measured.proplet_id ?? "",
    metrics: {
      cpu_percent: 0,
      memory_bytes: 0,
      memory_percent: 0,
      disk_read_bytes: 0,
      disk_write_bytes: 0,
      uptime_seconds: 0,
      thread_count: 0,
      file_descriptor_count: 0,
      ...measured.metrics,
    },
    ...(measured.aggregated === undefined ? {} : { aggregated: measured.aggregated }),
    timestamp: timeOf(measured.timestamp),
  };
}

/** A number counts from the device's boot: alone it names no time. */
function timeOf(timestamp: PropletMetrics["timestamp"]): string {
  if (typeof timestamp === "string") return timestamp;
  if (typeof timestamp !== "object") return UNSET_TIME;
  const date = new Date(timestamp.secs_since_epoch * 1000 + timestamp.nanos_since_epoch / 1e6);
  return Number.isNaN(date.getTime()) ? UNSET_TIME : date.toISOString();
}
