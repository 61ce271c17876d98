/** A client and a proplet of an existing installation: only routes, topics and JSON, as they stand in the wire contract. */
import { connectInProcess } from "../../src/transport/in-process.ts";
import { createInbox } from "../support/inbox.ts";
import type { Rig } from "../support/rig.ts";

// biome-ignore lint/suspicious/noExplicitAny: an answer is read as the document has it
export type Json = any;

export const BASE = "m/lab/c/control";
export const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** A proplet that is only topics and payloads, as they stand in section 1. */
export async function joinPlainly(rig: Pick<Rig, "broker">, id: string) {
  const transport = connectInProcess(rig.broker, { clientId: id, qos: 1 });
  const inbox = createInbox<{ topic: string; payload: Json }>();
  await transport.subscribe(`${BASE}/control/manager/#`, ({ topic, payload }) => {
    inbox.put({ topic: topic.slice(BASE.length), payload: JSON.parse(Buffer.from(payload).toString()) });
  });
  const send = (topic: string, payload: object, options = {}) =>
    transport.publish(topic, JSON.stringify(payload), options);
  await send(`${BASE}/control/proplet/create`, {
    proplet_id: id,
    namespace: "edge",
    metadata: { os: "linux", total_memory_bytes: 1_000 },
  });
  await send(`${BASE}/control/proplet/alive`, { proplet_id: id, status: "alive", namespace: "edge" });
  return {
    id,
    send,
    command: (topic: string, taskId: string) =>
      inbox.take((message) => message.topic === `/control/manager/${topic}` && message.payload.id === taskId),
    finish: (task_id: string, results: unknown, error: string | null = null) =>
      send(`${BASE}/control/proplet/results`, { task_id, proplet_id: id, results, error }),
    close: () => transport.close(),
  };
}

/** Of the API at `url`: `ask("GET /tasks")`. */
export function asking(url: string) {
  return async (route: string, body?: unknown, headers: Record<string, string> = {}) => {
    const [method = "", path] = route.split(" ");
    const json = { "content-type": "application/json", ...headers };
    const sent = body === undefined ? { headers } : { headers: json, body: JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, { method, ...sent });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") && text !== "";
    const answer: Json = isJson ? JSON.parse(text) : text;
    return { status: response.status, body: answer };
  };
}
