/** `prop proplets drain`, and a proplet that is told to stop, with real parts. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { createClient } from "../../src/api/client.ts";
import { createUser } from "../support/dev.ts";

/** Between two invocations. */
const PAUSE_MS = 5;

test("a function answers throughout while its proplet is drained by hand, and the list shows it", async () => {
  const user = await createUser();
  const project = await user.createProject();
  const dev = await user.start(project, ["dev", "--port", "0"], /deployed hello/);
  const prop = (...args: string[]) => user.prop(project, args);
  const [url] = await dev.says(/http:\/\/127\.0\.0\.1:\d+/);
  const client = createClient({ url });
  const holder = async () =>
    (await client.proplets.list()).proplets.find(({ task_count }) => task_count > 0)?.id ?? "";
  const first = await holder();

  const results: string[] = [];
  let isDrained = false;
  const invoking = (async () => {
    while (!isDrained) {
      results.push(await client.functions.invoke("hello", { inputs: ["2", "3"] }));
      // The commands need the processor too.
      await delay(PAUSE_MS);
    }
  })();
  const drained = await prop("proplets", "drain", first, "--grace", "20s");
  isDrained = true;
  await invoking;
  expect(drained).toMatchObject({ exitCode: 0, stdout: "" });
  expect(drained.stderr).toContain(`Drained ${first}: it holds nothing.`);
  expect(results.length).toBeGreaterThan(0);
  expect(new Set(results)).toEqual(new Set(["5"]));
  expect(await holder()).not.toBe(first);

  expect((await prop("proplets", "list")).stdout).toMatch(new RegExp(`${first}.*active, cordoned`));
  expect(JSON.parse((await prop("proplets", "uncordon", first, "--json")).stdout)).not.toHaveProperty(
    "cordoned",
  );
  await expect(client.proplets.drain("nobody")).rejects.toMatchObject({ code: "PROPLET_NOT_FOUND" });
  expect((await dev.end("SIGTERM")).exitCode).toBe(0);
});
