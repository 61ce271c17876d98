/** What a client writes in one turn of the event loop leaves in one piece: mqtt.js alone makes a system call of each packet. */
import type { MqttClient } from "mqtt";

/** Holds from the first packet of a turn to the turn's end. Nothing is held longer: what comes next begins a new one. */
export function gatherWrites(client: MqttClient): void {
  let isHolding = false;
  client.on("packetsend", () => {
    if (isHolding) return;
    const { stream } = client;
    isHolding = true;
    stream.cork();
    setImmediate(() => {
      isHolding = false;
      stream.uncork();
    });
  });
}
