/** What a proplet measured of its machine (100 percent is one full core) and of one task. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Id, Timestamp } from "./fields.ts";

const Figure = Type.Optional(Type.Number());

export const PropletMetrics = message({
  proplet_id: Id,
  namespace: Type.Optional(Type.String()),
  timestamp: Type.Optional(Timestamp),
  cpu_metrics: Type.Optional(message({ user_seconds: Figure, system_seconds: Figure, percent: Figure })),
  memory_metrics: Type.Optional(
    message({
      rss_bytes: Figure,
      heap_alloc_bytes: Figure,
      heap_sys_bytes: Figure,
      heap_inuse_bytes: Figure,
      container_usage_bytes: Figure,
      container_limit_bytes: Figure,
    }),
  ),
});
export type PropletMetrics = Static<typeof PropletMetrics>;

/** What is measured of a task; what a proplet can't measure it leaves out. */
export const TaskFigures = message({
  cpu_percent: Figure,
  memory_bytes: Figure,
  memory_percent: Figure,
  disk_read_bytes: Figure,
  disk_write_bytes: Figure,
  uptime_seconds: Figure,
  thread_count: Figure,
  file_descriptor_count: Figure,
});

export const TaskMetrics = message({
  task_id: Id,
  proplet_id: Type.Optional(Type.String()),
  metrics: TaskFigures,
  aggregated: Type.Optional(
    message({
      avg_cpu_usage: Figure,
      max_cpu_usage: Figure,
      avg_memory_usage: Figure,
      max_memory_usage: Figure,
      total_disk_read: Figure,
      total_disk_write: Figure,
      sample_count: Figure,
    }),
  ),
  timestamp: Type.Optional(Timestamp),
});
export type TaskMetrics = Static<typeof TaskMetrics>;
