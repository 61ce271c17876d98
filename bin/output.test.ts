import { resolve } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";

const dev = resolve(import.meta.dirname, "dev.js");
const shell = (command: string) => execa("bash", ["-c", `set -o pipefail; ${command}`], { reject: false });

describe.each([
  ["a command's help", `node ${dev} tasks create --help`],
  ["a table", `node ${dev} target list`],
])("%s", (_, command) => {
  test("that goes where there is no room ends in one line and with 1", async () => {
    const { exitCode, stderr } = await shell(`${command} > /dev/full`);
    expect(exitCode).toBe(1);
    expect(stderr.split("\n")).toEqual([
      expect.stringMatching(/^Error: the output could not be written: ENOSPC/),
    ]);
  });

  test("that nobody reads ends without a word, as a closed pipe ends any command", async () => {
    expect(await shell(`${command} | true`)).toMatchObject({ exitCode: 141, stderr: "" });
  });
});
