/**
 * Many proplets that are only their messages, as a process: `node many-proplets.ts <broker> <base topic> <count> <mode>`. With the
 * mode `alive` each introduces itself, answers each start at once, and says every ten seconds that it lives; with `metrics` it
 * says every ten seconds what its machine does, and nothing else.
 */
import { connectMqtt } from "../../src/transport/mqtt.ts";

const [broker = "", base = "", countText = "0", mode = "alive"] = process.argv.slice(2);
const count = Number(countText);
const EVERY_MS = 10_000;
const TICK_MS = 20;
const CONNECTIONS = 4;
const features = ["direct", "ack", "digest"];
const capacity = { slots: 4, device_type: "server", memory_bytes: 8e9, capabilities: ["wasi-preview1"] };
const metadata = {
  os: "linux",
  cpu_arch: "arm64",
  hostname: "device",
  total_memory_bytes: 8e9,
  tags: ["edge"],
};

const transports = await Promise.all(
  Array.from({ length: CONNECTIONS }, (_, index) =>
    connectMqtt({ address: broker, clientId: `${mode}-${index}`, maxInFlight: 500, qos: 1 }),
  ),
);
const idOf = (index: number) => `device-${String(index).padStart(6, "0")}`;
const say = (index: number, what: string, message: object): Promise<void> => {
  const transport = transports[index % CONNECTIONS];
  if (transport === undefined) throw new Error("no transport");
  return transport.publish(`${base}/control/proplet/${what}`, JSON.stringify(message));
};
const boot = { boot_id: "1", namespace: "default" };

/** One connection hears all commands; the answers go out over the proplet's own. */
async function introduce(): Promise<void> {
  await transports[0]?.subscribe(`${base}/control/manager/start/+`, ({ payload }) => {
    const { id: task_id, attempt, proplet_id } = JSON.parse(Buffer.from(payload).toString());
    const index = Number(String(proplet_id).slice(-6));
    void say(index, "accepted", { task_id, attempt, proplet_id });
    void say(index, "results", { task_id, attempt, proplet_id, results: "3", error: null });
  });
  const sent = [];
  for (let index = 0; index < count; index++) {
    sent.push(say(index, "create", { proplet_id: idOf(index), metadata, features, capacity, ...boot }));
  }
  await Promise.all(sent);
}

function tell(index: number): Promise<void> {
  const proplet_id = idOf(index);
  if (mode === "alive") return say(index, "alive", { proplet_id, status: "alive", ...boot });
  const cpu_metrics = { user_seconds: 12.5, system_seconds: 3.25, percent: 7.5 };
  const memory_metrics = { rss_bytes: 81_264_640, heap_alloc_bytes: 20_971_520 };
  const timestamp = { secs_since_epoch: Math.floor(Date.now() / 1_000), nanos_since_epoch: 0 };
  return say(index, "metrics", { proplet_id, namespace: "default", timestamp, cpu_metrics, memory_metrics });
}

if (mode === "alive") await introduce();
const startedAt = performance.now();
let told = 0;
setInterval(() => {
  // By the clock: on a busy machine ticks come late.
  const due = ((performance.now() - startedAt) * count) / EVERY_MS;
  for (; told < due; told += 1) void tell(told % count);
}, TICK_MS);
