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
    memory_metrics: countable({
      rss_bytes: 0,
      heap_alloc_bytes: 0,
      heap_sys_bytes: 0,
      heap_inuse_bytes: 0,
      ...measured.memory_metrics,
    }),
  };
}

export function presentTaskMetrics(measured: TaskMetrics): WireTaskMetrics {
  return {
    task_id: measured.task_id,
    proplet_id: measured.proplet_id ?? "",
    metrics: countable({
      cpu_percent: 0,
      memory_bytes: 0,
      memory_percent: 0,
      disk_read_bytes: 0,
      disk_write_bytes: 0,
      uptime_seconds: 0,
      thread_count: 0,
      file_descriptor_count: 0,
      ...measured.metrics,
    }),
    ...(measured.aggregated === undefined ? {} : { aggregated: countable(measured.aggregated) }),
    timestamp: timeOf(measured.timestamp),
  };
}

/** Seconds and percents have fractions; all else is counted, and read as whole numbers by Go. */
const FRACTION = /percent|cpu/;

function countable<T extends Record<string, number | undefined>>(figures: T): T {
  const counted = Object.entries(figures).map(([name, figure]) => {
    if (figure === undefined || FRACTION.test(name)) return [name, figure];
    return [name, Math.min(Math.max(Math.round(figure), 0), Number.MAX_SAFE_INTEGER)];
  });
  return { ...figures, ...Object.fromEntries(counted) };
}

/** A number counts from the device's boot: alone it names no time. */
function timeOf(timestamp: PropletMetrics["timestamp"]): string {
  if (typeof timestamp === "string") return timestamp;
  if (typeof timestamp !== "object") return UNSET_TIME;
  const date = new Date(timestamp.secs_since_epoch * 1000 + timestamp.nanos_since_epoch / 1e6);
  // RFC 3339 has years of four digits: one of another kind makes the whole page unreadable to Go.
  const year = date.getUTCFullYear();
  return year >= 0 && year <= 9_999 ? date.toISOString() : UNSET_TIME;
}
