/** What this process uses, sent every so often; and of a task, where its profile asks for it. */
import process from "node:process";
import type { Start } from "../protocol/messages/start.ts";
import type { Publish } from "./reports.ts";

export interface MetricsOptions {
  id: string;
  namespace: string;
  intervalMs: number;
  publish: Publish;
}

/** @returns what ends it */
export function startMetrics({ id, namespace, intervalMs, publish }: MetricsOptions): () => void {
  let last = { usage: process.cpuUsage(), at: performance.now() };

  function measure(): void {
    const usage = process.cpuUsage();
    const at = performance.now();
    const usedMs = (usage.user - last.usage.user + usage.system - last.usage.system) / 1_000;
    const percent = (usedMs / Math.max(1, at - last.at)) * 100;
    last = { usage, at };
    const { rss, heapTotal, heapUsed } = process.memoryUsage();
    publish("propletMetrics", {
      proplet_id: id,
      namespace,
      timestamp: timestampOf(Date.now()),
      cpu_metrics: { user_seconds: usage.user / 1e6, system_seconds: usage.system / 1e6, percent },
      memory_metrics: {
        rss_bytes: rss,
        heap_alloc_bytes: heapUsed,
        heap_sys_bytes: heapTotal,
        heap_inuse_bytes: heapUsed,
      },
    });
  }

  const timer = setInterval(measure, intervalMs);
  return () => clearInterval(timer);
}

const INTERVAL_SECONDS = 10;
const DAEMON_INTERVAL_SECONDS = 120;

/** Watches one run where its monitoring profile is enabled. @returns what ends it */
export function watchTask(propletId: string, publish: Publish) {
  return ({ id, daemon, monitoring_profile: profile }: Start): (() => void) | undefined => {
    if (profile?.enabled !== true || profile.export_to_mqtt === false) return undefined;
    const startedAt = performance.now();
    const seconds = profile.interval || (daemon === true ? DAEMON_INTERVAL_SECONDS : INTERVAL_SECONDS);
    const timer = setInterval(() => {
      publish("taskMetrics", {
        task_id: id,
        proplet_id: propletId,
        metrics: { uptime_seconds: Math.floor((performance.now() - startedAt) / 1_000) },
        timestamp: timestampOf(Date.now()),
      });
    }, seconds * 1_000);
    return () => clearInterval(timer);
  };
}

function timestampOf(ms: number): { secs_since_epoch: number; nanos_since_epoch: number } {
  return { secs_since_epoch: Math.floor(ms / 1_000), nanos_since_epoch: (ms % 1_000) * 1e6 };
}
