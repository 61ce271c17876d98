/** What commands answer where they are called wrongly: one line that names the flag and the value, and 2. */
import { expect, test } from "vitest";
import { createUser } from "../support/dev.ts";

test.each([
  ["proplet --grace soon", '--grace: "soon" is not a duration from 1ms to 596h'],
  ["manager --offline-threshold 0", '--offline-threshold: "0" is not a duration from 1ms to 596h'],
  ["manager --http-port 99999", "--http-port: expected an integer less than or equal to 65535"],
  ["manager --registry-mirror a=http://127.0.0.1:5000", "--registry-mirror needs --pull-images"],
  ["proplet --cpu much", '--cpu: "much" is no quantity of CPU'],
  ["manager --scheduler best", '--scheduler: "best" is none of hybrid, least-loaded'],
  ["tasks create add --priority abc", "--priority: expected an integer but received: abc"],
  ["tasks create add --request-cpu much", '--request-cpu: "much" is not a quantity'],
  ["tasks create add --request-memory much", '--request-memory: "much" is not a quantity'],
  ["tasks create add --file a --image b", "--image=b cannot also be provided when using --file"],
  ["tasks create add --timezone UTC", "--timezone needs --schedule"],
  ["token create", "--name is missing; --scope is missing"],
  ["invoke", "CALL is missing: Name of the function, then its inputs"],
])("prop %s", async (line, message) => {
  const user = await createUser();
  const { exitCode, stderr } = await user.prop(user.dir, line.split(" "));
  const [said = "", ...more] = stderr.split("\n");
  expect(said).toContain(`Error: ${message}`);
  for (const hint of more) expect(hint).toMatch(/^ {2}\S/);
  expect(exitCode).toBe(2);
});

test("a value that comes from a variable is told by the variable's name", async () => {
  const user = await createUser();
  const { exitCode, stderr } = await user.prop(user.dir, ["proplet"], { env: { PROPLET_GRACE: "soon" } });
  expect(stderr).toContain('Error: PROPLET_GRACE: --grace: "soon" is not a duration');
  expect(exitCode).toBe(2);
});

test("a schedule that is none is named once, with what is wrong in it", async () => {
  const user = await createUser();
  await user.startDev(user.dir);
  const { exitCode, stderr } = await user.prop(user.dir, [
    ...["tasks", "create", "add"],
    ...["--schedule", "61 * * * *"],
  ]);
  expect(stderr).toMatch(
    /^Error: --schedule: "61 \* \* \* \*": Invalid value for minute: 61\n {2}Write minute,/,
  );
  expect(exitCode).toBe(2);
});
