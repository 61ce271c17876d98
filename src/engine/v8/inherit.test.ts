import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { assemble, echoText, printingText } from "../testing/wat.ts";

const script = fileURLToPath(new URL("../testing/inherit.ts", import.meta.url));

async function start(module: string, ...options: string[]) {
  const base64 = Buffer.from(await assemble(module)).toString("base64");
  const child = spawn(process.execPath, [script, base64, ...options], { stdio: "pipe" });
  const exited = once(child, "exit");
  return { child, stdout: text(child.stdout), stderr: text(child.stderr), exited };
}

test("streams go through, and the process ends by itself while a worker idles", async () => {
  const { child, stdout, exited } = await start(echoText);
  child.stdin.write("first ");
  child.stdin.end("second");
  expect(await exited).toEqual([0, null]);
  expect(await stdout).toBe("first second");
});

test("large input and output go through whole", async () => {
  const input = "0123456789abcdef".repeat(65_536);
  const { child, stdout, exited } = await start(echoText);
  child.stdin.end(input);
  await exited;
  expect(await stdout).toBe(input);
});

test("output appears while the module still runs", async () => {
  const { child, exited } = await start(echoText);
  child.stdin.write("ping");
  expect(String(await once(child.stdout, "data"))).toBe("ping");
  child.stdin.end();
  await exited;
});

test("a run that waits for input stops at its time limit", async () => {
  const { exited } = await start(echoText, "10");
  expect(await exited).toEqual([124, null]);
});

test("stderr is kept apart, and the exit code comes back", async () => {
  const { stdout, stderr, exited } = await start(printingText("oops", 2, "(call $exit (i32.const 3))"));
  expect(await exited).toEqual([3, null]);
  expect([await stdout, await stderr]).toEqual(["", "oops"]);
});
