/** A decoder for each kind of message. */
import { type Decoder, decoderOf } from "./message.ts";
import { Accepted } from "./messages/accepted.ts";
import { Announce } from "./messages/announce.ts";
import { Discovery } from "./messages/discovery.ts";
import { Heartbeat } from "./messages/heartbeat.ts";
import { Chunk, ImageRequest } from "./messages/image.ts";
import { Invoke } from "./messages/invoke.ts";
import { InvokeResults } from "./messages/invoke-results.ts";
import { Logs } from "./messages/logs.ts";
import { PropletMetrics, TaskMetrics } from "./messages/metrics.ts";
import { Received } from "./messages/received.ts";
import { Results } from "./messages/results.ts";
import { RoundStart } from "./messages/round-start.ts";
import { Start } from "./messages/start.ts";
import { Stop } from "./messages/stop.ts";
import type { TopicKind } from "./topics.ts";

export interface MessageOf {
  discovery: Discovery;
  heartbeat: Heartbeat;
  results: Results;
  invokeResults: InvokeResults;
  propletMetrics: PropletMetrics;
  taskMetrics: TaskMetrics;
  accepted: Accepted;
  logs: Logs;
  start: Start;
  stop: Stop;
  invoke: Invoke;
  received: Received;
  announce: Announce;
  imageRequest: ImageRequest;
  chunk: Chunk;
  roundStart: RoundStart;
}

/** Decodes a payload of any kind; a malformed one is refused with a reason, never thrown. */
export const decode: { [K in TopicKind]: Decoder<MessageOf[K]> } = {
  discovery: decoderOf("discovery", Discovery),
  heartbeat: decoderOf("heartbeat", Heartbeat),
  results: decoderOf("results", Results),
  invokeResults: decoderOf("invoke_results", InvokeResults),
  propletMetrics: decoderOf("metrics", PropletMetrics),
  taskMetrics: decoderOf("task_metrics", TaskMetrics),
  accepted: decoderOf("accepted", Accepted),
  logs: decoderOf("logs", Logs),
  start: decoderOf("start", Start),
  stop: decoderOf("stop", Stop),
  invoke: decoderOf("invoke", Invoke),
  received: decoderOf("received", Received),
  announce: decoderOf("announce", Announce),
  imageRequest: decoderOf("image request", ImageRequest),
  chunk: decoderOf("chunk", Chunk),
  roundStart: decoderOf("round start", RoundStart),
};
