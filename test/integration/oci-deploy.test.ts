/** prop deploy of an image: from the registry inside prop dev to an invocation. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addText, assemble } from "../../src/engine/testing/wat.ts";
import { createUser } from "../support/dev.ts";

test("an image is deployed by its reference, and a tag that moves doesn't move the function", async () => {
  const user = await createUser();
  const { dir } = user;
  const prop = (...args: string[]) => user.prop(dir, args, { env: { DOCKER_CONFIG: join(dir, ".docker") } });
  const dev = await user.startDev(dir);
  const [, host] = await dev.says(/registry +(127\.0\.0\.1:\d+)/);
  const image = `${host}/team/sum:1`;
  await writeFile(join(dir, "add.wasm"), await assemble(addText));
  await writeFile(join(dir, "sub.wasm"), await assemble(addText.replaceAll("i32.add", "i32.sub")));
  await prop("push", image, "add.wasm");
  expect(await prop("deploy", image, "--invoke", "add")).toMatchObject({
    exitCode: 0,
    stdout: `deployed sum (revision 1, ${image}) to dev`,
  });
  expect((await prop("invoke", "sum", "2", "3")).stdout).toBe("5");
  await prop("push", image, "sub.wasm");
  expect((await prop("invoke", "sum", "2", "3")).stdout).toBe("5");
  await prop("deploy", image, "--invoke", "add");
  expect((await prop("invoke", "sum", "2", "3")).stdout).toBe("-1");
  expect(await prop("deploy", `${host}/team/nobody:1`)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("is not in the registry"),
  });
  await dev.end("SIGINT");
});
