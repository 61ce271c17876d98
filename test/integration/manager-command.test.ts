import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createBroker } from "../../src/broker/broker.ts";
import { authenticateFrom } from "../../src/broker/credentials.ts";
import { topicsOf } from "../../src/protocol/topics.ts";
import { addModule } from "../support/add-module.ts";
import { createUser } from "../support/dev.ts";
import { joinAs, ourFeatures } from "../support/fake-proplet.ts";

const baseTopic = "m/d/c/c1";
const keys = new Map([
  ["m1", { role: "manager", key: "0123456789abcdef" }],
  ["p1", { role: "proplet", key: "fedcba9876543210" }],
] as const);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return address !== null && typeof address === "object" ? address.port : 0;
}

async function startBroker(port: number) {
  const broker = await createBroker({ port, baseTopic, authenticate: authenticateFrom(keys) });
  onTestFinished(() => broker.close());
  return broker;
}

const managerArgs = (port: number, data: string): string[] => [
  ...["manager", "--mqtt-address", `tcp://127.0.0.1:${port}`, "--domain", "d", "--channel", "c1"],
  ...["--id", "m1", "--key", "0123456789abcdef", "--http-port", "0", "--data", data],
];

test("a manager tries until its broker is there, and runs tasks on a proplet of its channel", async () => {
  const user = await createUser();
  const project = await user.createProject();
  const port = await freePort();
  const manager = await user.start(
    user.dir,
    managerArgs(port, join(user.dir, "m")),
    /trying until it answers/,
  );
  await startBroker(port);
  const [, url = ""] = await manager.says(/"url":"(http:\/\/127\.0\.0\.1:\d+)".*"msg":"ready"/);
  const proplet = await user.start(
    user.dir,
    [
      ...["proplet", "--mqtt-address", `tcp://127.0.0.1:${port}`, "--domain", "d", "--channel", "c1"],
      ...["--id", "p1", "--key", "fedcba9876543210", "--data", join(user.dir, "p")],
    ],
    /ready/,
  );
  expect((await user.prop(project, ["deploy", "--target", url])).exitCode).toBe(0);
  expect((await user.prop(project, ["invoke", "hello", "2", "3", "--target", url])).stdout).toBe("5");
  expect((await proplet.end("SIGTERM")).exitCode).toBe(0);
  expect((await manager.end("SIGTERM")).exitCode).toBe(0);
});

test("a manager that is told to end answers what is under way first", async () => {
  const user = await createUser();
  const broker = await startBroker(0);
  const manager = await user.start(user.dir, managerArgs(broker.port, join(user.dir, "m")), /"msg":"ready"/);
  const [, url = ""] = await manager.says(/"url":"(http:\/\/127\.0\.0\.1:\d+)".*"msg":"ready"/);
  const topics = topicsOf("d", "c1");
  const proplet = await joinAs({ broker, topics, id: "p1", features: ourFeatures, bootId: "b" });
  const post = (path: string, body: object) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const created = await post("/tasks?start=true", { name: "add", file: addModule, latent: true });
  const { id } = (await created.json()) as { id: string };
  await proplet.accept(await proplet.next("start"));
  const answer = post(`/tasks/${id}/invoke`, { inputs: ["2", "3"] });
  const { invocation_id } = await proplet.next("invoke");
  const ended = manager.end("SIGTERM");
  await vi.waitFor(async () =>
    expect(await fetch(`${url}/health`).catch(refused)).toMatchObject({ status: 503 }),
  );
  await proplet.send("invokeResults", {
    task_id: id,
    invocation_id,
    proplet_id: "p1",
    results: "5",
    error: "",
  });
  const answered = await answer;
  expect({ status: answered.status, ...((await answered.json()) as object) }).toMatchObject({
    status: 200,
    results: "5",
  });
  expect((await ended).exitCode).toBe(0);
  await proplet.close();
});

const refused = () => ({ status: 503 });

test("a manager that waits for its broker ends at once when it is told to", async () => {
  const user = await createUser();
  const args = managerArgs(await freePort(), join(user.dir, "m"));
  const manager = await user.start(user.dir, args, /trying until it answers/);
  expect((await manager.end("SIGINT")).exitCode).toBe(0);
});

test("a key that is wrong, a port that is taken and a store in use are errors", async () => {
  const user = await createUser();
  const { port } = await startBroker(0);
  const args = managerArgs(port, join(user.dir, "m"));
  const wrongKey = await user.prop(user.dir, args.with(args.indexOf("0123456789abcdef"), "wrong"));
  expect(wrongKey.exitCode).toBe(1);
  expect(wrongKey.stderr).toMatch(/^Error: /);
  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await once(taken, "listening");
  const address = taken.address();
  const busy = address !== null && typeof address === "object" ? String(address.port) : "";
  const refused = await user.prop(user.dir, args.with(args.indexOf("--http-port") + 1, busy));
  expect(refused).toMatchObject({ exitCode: 1 });
  expect(refused.stderr).toContain(`port ${busy} of 127.0.0.1 is taken`);
  await user.start(user.dir, args, /"msg":"ready"/);
  const second = await user.prop(user.dir, args);
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toContain("another process uses the store");
});
