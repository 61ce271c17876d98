/** `GET /metrics` of a real manager: what it says after real tasks, and that Prometheus can read it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Api, createApi } from "../../src/api/server.ts";
import type { ChangeEvent } from "../../src/model/event.ts";
import { joinAs } from "../support/fake-proplet.ts";
import { createInbox } from "../support/inbox.ts";
import { readMetrics, type Samples } from "../support/prometheus-text.ts";
import { type Rig, startRig } from "../support/rig.ts";

const image_url = "registry.example/add:1";

let rig: Rig;
let api: Api;
let events: ReturnType<typeof createInbox<ChangeEvent>>;

beforeEach(async () => {
  rig = await startRig();
  events = createInbox();
  rig.manager.events.follow(undefined, ({ event }) => events.put(event));
  api = await createApi({ manager: rig.manager, port: 0, version: "1.2.3" });
});
afterEach(async () => {
  await api.close();
  await rig.close();
});

async function scrape(): Promise<Samples> {
  const response = await fetch(`${api.url}/metrics`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return readMetrics(await response.text());
}

const join = (id: string, features: string[] = []) =>
  joinAs({ broker: rig.broker, topics: rig.topics, id, features, bootId: "boot-1" });
const alive = () => events.take((event) => event.type === "proplet" && event.alive);
const state = (name: string) => events.take((event) => event.type === "task" && event.state === name);

test("a new manager says that it has nothing, in a form that Prometheus reads", async () => {
  const samples = await scrape();
  expect(samples.of("propeller_proplets_total")).toBe(0);
  expect(samples.of("propeller_queue_depth")).toBe(0);
  expect(samples.of("propeller_broker_connected")).toBe(1);
  expect(samples.of("propeller_build_info", { version: "1.2.3", node: process.versions.node })).toBe(1);
  expect(samples.of("process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
  for (const name of ["Pending", "Scheduled", "Running", "Completed", "Failed", "Skipped", "Interrupted"])
    expect(samples.of("propeller_tasks_total", { state: name })).toBe(0);
});

test("a task is seen waiting, then running, then how long all of that took", async () => {
  await rig.manager.tasks.create({ name: "add", image_url }, { start: true });
  expect((await scrape()).of("propeller_queue_depth")).toBe(1);
  const proplet = await join("p1", ["direct", "ack"]);
  const start = await proplet.next("start");
  await proplet.accept(start);
  await state("Running");
  const running = await scrape();
  expect(running.of("propeller_queue_depth")).toBe(0);
  expect(running.of("propeller_tasks_total", { state: "Running" })).toBe(1);
  expect(running.of("propeller_task_placement_seconds_count")).toBe(1);
  expect(running.of("propeller_task_accept_seconds_count")).toBe(1);
  await proplet.finish(start, "3");
  await state("Completed");
  const ended = await scrape();
  expect(ended.of("propeller_tasks_total", { state: "Completed" })).toBe(1);
  expect(ended.of("propeller_task_duration_seconds_count", { state: "Completed" })).toBe(1);
  expect(ended.of("propeller_mqtt_messages_total", { kind: "results" })).toBe(1);
  expect(ended.of("propeller_store_transaction_seconds_count")).toBeGreaterThan(0);
  expect(ended.of("propeller_store_commit_seconds_count")).toBeGreaterThan(0);
});

test("proplets are healthy while they live, and what they lose with them is counted by its reason", async () => {
  const proplet = await join("p1", ["direct", "ack"]);
  await alive();
  expect((await scrape()).of("propeller_proplet_health_status", { proplet_id: "p1" })).toBe(1);
  await rig.manager.tasks.create({ name: "add", image_url }, { start: true });
  const start = await proplet.next("start");
  await proplet.accept(start);
  await state("Running");
  await proplet.offline();
  await state("Pending");
  const samples = await scrape();
  expect(samples.of("propeller_proplet_health_status", { proplet_id: "p1" })).toBe(0);
  expect(samples.of("propeller_proplets_total")).toBe(1);
  expect(samples.of("propeller_proplets_alive")).toBe(0);
  expect(samples.of("propeller_task_attempts_lost_total", { reason: "gone" })).toBe(1);
});

test("an attempt that a restart cost is counted as that", async () => {
  const proplet = await join("p1", ["direct", "ack"]);
  await alive();
  await rig.manager.tasks.create({ name: "add", image_url }, { start: true });
  await proplet.accept(await proplet.next("start"));
  await state("Running");
  await proplet.close();
  await join("p1", ["direct", "ack"]).then(async (again) => {
    await again.send("heartbeat", { proplet_id: "p1", status: "alive", boot_id: "boot-2" });
  });
  await state("Pending");
  const samples = await scrape();
  expect(samples.of("propeller_task_attempts_lost_total", { reason: "restarted" })).toBe(1);
});

test("requests are timed by route and class of status, and streams of events are counted", async () => {
  await fetch(`${api.url}/tasks/00000000-0000-4000-8000-000000000000`);
  await fetch(`${api.url}/nothing/here`);
  const stream = await fetch(`${api.url}/events`);
  const samples = await scrape();
  const name = "propeller_http_request_duration_seconds_count";
  expect(samples.of(name, { method: "GET", route: "/tasks/:id", code: "4xx" })).toBe(1);
  expect(samples.of(name, { method: "any", route: "none", code: "4xx" })).toBe(1);
  expect(samples.of("propeller_http_event_streams")).toBe(1);
  expect(samples.text).not.toContain('route="/events"');
  await stream.body?.cancel();
});

test("of a thousand proplets five hundred have a series of their own, and all are counted", async () => {
  const now = new Date().toISOString();
  for (let index = 0; index < 1_000; index++) {
    await rig.manager.proplets.declare(`p${index}`, { tags: [now] });
  }
  const samples = await scrape();
  expect(samples.of("propeller_proplets_total")).toBe(1_000);
  expect(samples.text.match(/^propeller_proplet_health_status\{/gm)).toHaveLength(500);
});

test("malformed messages are counted by kind", async () => {
  const proplet = await join("p1");
  await proplet.send("results", { nonsense: true });
  await proplet.send("heartbeat", { proplet_id: "p1", status: "alive", namespace: "default" });
  await alive();
  const samples = await scrape();
  expect(samples.of("propeller_mqtt_messages_dropped_total", { kind: "results" })).toBe(1);
});
