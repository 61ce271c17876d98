/** Sends requests as they are, however wrong, many at a time over kept connections. */
import { Agent, request } from "node:http";
import { connect } from "node:net";
import type { Random } from "./random.ts";
import type { BadRequest } from "./requests.ts";

/** How long an answer may take. Milliseconds. */
const ANSWER_MS = 5_000;

export function createSender(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const { hostname, port } = new URL(url);

  return {
    /** The status; 0 where the server hung up instead of answering. */
    send({ method, path, headers, body }: BadRequest): Promise<number> {
      return new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
        const sent = request({ agent, hostname, port, method, path, headers: { ...headers, ...length } });
        sent.setTimeout(ANSWER_MS, () => {
          reject(new Error(`${method} ${path}: no answer`));
          sent.destroy();
        });
        sent.on("response", (response) => {
          response.resume().on("error", () => {});
          response.on("close", () => resolve(response.statusCode ?? 0));
        });
        sent.on("error", () => resolve(0));
        sent.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}

/** What is no HTTP at all, or only begins like it. */
const GARBAGE = [
  "GET\r\n\r\n",
  "GET / HTTP/9.9\r\n\r\n",
  "\u0000\u0001\u0002\r\n\r\n",
  "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
  "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n{",
  "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
  "POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "GET /tasks HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
  "GET /tasks HTTP/1.1\r\nConnection: close\r\n\r\n",
  `GET /tasks HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"a".repeat(100_000)}\r\n\r\n`,
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "\u0016\u0003\u0001\u0002\u0000\u0001",
];

/** Writes garbage to a server's port and hangs up, or is hung up on. */
export function sendGarbage(port: number, garbage: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(garbage);
      socket.end();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    // A server may wait for the rest: it is not to come.
    socket.setTimeout(50, () => socket.destroy());
    socket.resume();
  });
}

export const httpGarbage = (random: Random): string => random.pick(GARBAGE);

const CONNECT = Buffer.from([0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 1, 103]);

/** What is no MQTT: from the first byte, or after a right CONNECT. */
export function mqttGarbage(random: Random): Buffer {
  const noise = Buffer.from(Array.from({ length: 1 + random.below(200) }, () => random.below(256)));
  const topic = (text: string) => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);
  const publish = (text: string) => {
    const rest = Buffer.concat([topic(text), Buffer.from("x")]);
    return Buffer.concat([Buffer.from([0x30, rest.length]), rest]);
  };
  const after = [
    noise,
    publish("m/lab/c/control/control/proplet/+"),
    publish("#"),
    publish(""),
    publish("a\u0000b"),
    Buffer.from([0x36, 0xff, 0xff, 0xff, 0xff, 0x7f]),
    Buffer.from([0x82, 3, 0, 0, 0]),
    Buffer.from([0x62, 2, 0xff, 0xff]),
    CONNECT,
  ];
  return random.below(3) === 0 ? noise : Buffer.concat([CONNECT, random.pick(after)]);
}
