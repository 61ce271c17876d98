/**
 * The least that a manager can do with the same libraries, as a process:
 * `node bare-loop.ts <broker> <base topic> <port> <folder> <synchronous>`. It takes a POST, writes a row in a group, publishes the start
 * at QoS 2, takes the result, writes it, and tells it: no states, no checks, no proplets, no schemas.
 */
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Socket } from "node:net";
import { join } from "node:path";
import Database from "better-sqlite3";
import fastify from "fastify";
import { connectAsync } from "mqtt";

const [broker = "", base = "", port = "0", folder = "", synchronous = "normal"] = process.argv.slice(2);

interface Row {
  id: string;
  file?: string;
  [field: string]: unknown;
}

const database = new Database(join(folder, "bare.db"));
database.pragma("locking_mode = EXCLUSIVE");
database.pragma("journal_mode = WAL");
database.pragma(`synchronous = ${synchronous}`);
database.exec("CREATE TABLE tasks (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID");
const put = database.prepare("INSERT OR REPLACE INTO tasks VALUES (?, ?)");
const putAll = database.transaction((rows: Row[]) => {
  for (const row of rows) put.run(row.id, JSON.stringify(row));
});

let group: Row[] = [];
let written = Promise.withResolvers<void>();
function write(row: Row): Promise<void> {
  if (group.push(row) === 1) setImmediate(flush);
  return written.promise;
}
function flush(): void {
  const { resolve } = written;
  const rows = group;
  group = [];
  written = Promise.withResolvers();
  putAll(rows);
  resolve();
}

const tasks = new Map<string, Row>();
const listeners = new Set<ServerResponse>();
const client = await connectAsync(broker.replace("tcp:", "mqtt:"), { clientId: "bare" });
if (client.stream instanceof Socket) client.stream.setNoDelay(true);
await client.subscribeAsync(`${base}/control/proplet/results`, { qos: 2 });
client.on("message", async (_topic, payload) => {
  const { task_id, results } = JSON.parse(payload.toString());
  const task = tasks.get(task_id);
  if (task === undefined) return;
  tasks.delete(task_id);
  await write({ ...task, state: 3, results });
  const data = JSON.stringify({ type: "task", task_id, state: "Completed", results });
  for (const listener of listeners) listener.write(`event: task\ndata: ${data}\n\n`);
});

const app = fastify();
app.post<{ Body: Record<string, unknown> }>("/tasks", async ({ body }, reply) => {
  const task: Row = { id: randomUUID(), ...body, state: 0, created_at: new Date().toISOString() };
  tasks.set(task.id, task);
  await write(task);
  reply.code(201);
  return task;
});
app.post<{ Params: { id: string } }>("/tasks/:id/start", async ({ params: { id } }) => {
  const task: Row = { ...tasks.get(id), id, state: 2, start_time: new Date().toISOString() };
  tasks.set(id, task);
  await write(task);
  client.publish(`${base}/control/manager/start`, JSON.stringify(task), { qos: 2 });
  return { started: true };
});
app.get("/events", (_request, reply) => {
  reply.hijack();
  reply.raw.writeHead(200, { "content-type": "text/event-stream" });
  reply.raw.write("\n");
  listeners.add(reply.raw);
  reply.raw.on("close", () => listeners.delete(reply.raw));
});
app.get("/health", async () => ({ status: "pass" }));
await app.listen({ port: Number(port), host: "127.0.0.1" });
