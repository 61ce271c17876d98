/** A manager on an address of the network, and a user who works with it by tokens. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createBroker } from "../../src/broker/broker.ts";
import { createUser } from "../support/dev.ts";

async function startManager(user: Awaited<ReturnType<typeof createUser>>, ...flags: string[]) {
  const broker = await createBroker({ port: 0, baseTopic: "m/local/c/default" });
  onTestFinished(() => broker.close());
  const address = ["--mqtt-address", `mqtt://127.0.0.1:${broker.port}`, "--id", "manager"];
  const listen = ["--http-host", "0.0.0.0", "--http-port", "0", "--data", join(user.dir, "m")];
  const manager = await user.start(user.dir, ["manager", ...address, ...listen, ...flags], /"msg":"ready"/);
  const [, url = ""] = await manager.says(/"url":"([^"]+)"/);
  return { manager, url };
}

test("a user takes the first token from its file, makes others, and takes them back", async () => {
  const user = await createUser();
  const { manager, url } = await startManager(user);
  const refused = await user.prop(user.dir, ["tasks", "list", "--target", url]);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("this manager asks for a token");
  expect(refused.stderr).toContain("--token-stdin");

  const file = join(user.dir, "m", "admin-token");
  await manager.says(/an admin token was made/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const add = ["target", "add", "prod", url, "--token", `@${file}`];
  expect((await user.prop(user.dir, add)).exitCode).toBe(0);
  const create = ["token", "create", "--name", "ci", "--scope", "read", "--expires", "720h"];
  const created = await user.prop(user.dir, [...create, "--target", "prod"]);
  expect(created.stdout).toMatch(/^prop_[0-9a-f]{12}_[0-9a-f]{40}$/);

  const ci = { env: { PROP_TOKEN: created.stdout } };
  expect((await user.prop(user.dir, ["tasks", "list", "--target", url], ci)).exitCode).toBe(0);
  const forbidden = await user.prop(user.dir, ["token", "list", "--target", url], ci);
  expect(forbidden.stderr).toContain("this needs a token of scope admin");

  const listed = await user.json(user.dir, ["token", "list", "--target", "prod"]);
  expect(listed.map(({ name, scope }: Record<string, string>) => `${name} ${scope}`).sort()).toEqual([
    "ci read",
    "first-admin admin",
  ]);
  const [, id = ""] = created.stdout.split("_");
  expect((await user.prop(user.dir, ["token", "revoke", id, "--target", "prod"])).exitCode).toBe(0);
  expect((await user.prop(user.dir, ["tasks", "list", "--target", url], ci)).stderr).toContain(
    "or no longer",
  );
  const store = await readFile(join(user.dir, "m", "prop.db-wal"), "latin1");
  expect(store).toContain("first-admin");
  expect(store).not.toContain(created.stdout);
});

test("--auth none asks for nothing, --rate-limit limits anyway", async () => {
  const user = await createUser();
  const { url } = await startManager(user, "--auth", "none", "--rate-limit", "2");
  const answers = await Promise.all(Array.from({ length: 8 }, () => fetch(`${url}/tasks`)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses).toContain(200);
  expect(statuses).toContain(429);
});
