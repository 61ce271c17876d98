/** A legacy proplet that answers each start at once, as a process: `node answering-proplet.ts <broker> <base topics…>`. */
import { Socket } from "node:net";
import { connectAsync } from "mqtt";

const [broker = "", ...bases] = process.argv.slice(2);
const HEARTBEAT_MS = 5_000;
const id = "11111111-1111-4111-8111-111111111111";
const client = await connectAsync(broker.replace("tcp:", "mqtt:"), { clientId: id });
if (client.stream instanceof Socket) client.stream.setNoDelay(true);

client.on("message", (topic, payload) => {
  const base = topic.slice(0, -"/control/manager/start".length);
  const { id: task_id } = JSON.parse(payload.toString());
  const results = { task_id, proplet_id: id, results: "3", error: null };
  client.publish(`${base}/control/proplet/results`, JSON.stringify(results), { qos: 2 });
});
for (const base of bases) {
  await client.subscribeAsync(`${base}/control/manager/start`, { qos: 2 });
  const beat = () => {
    const message = { proplet_id: id, status: "alive", namespace: "default" };
    client.publish(`${base}/control/proplet/alive`, JSON.stringify(message), { qos: 2 });
  };
  beat();
  setInterval(beat, HEARTBEAT_MS);
}
