/** The README's tour, each line run as it stands, and what it prints held against what the README shows; then the pages of docs/. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { createWorkspace } from "../support/workspace.ts";

const root = resolve(import.meta.dirname, "../..");

interface Step {
  command: string;
  shown: string;
}

test("each line of the README's tour prints what the README shows", async () => {
  const steps = readSteps(await readFile(join(root, "README.md"), "utf8"));
  expect(steps.map(({ command }) => command)).toContain("prop dev --detach");
  const dir = await createWorkspace();
  const env = await createEnvironment(dir);
  let cwd = dir;
  onTestFinished(async () => {
    await execa("prop dev stop", { shell: true, cwd, env, reject: false });
  });
  for (const { command, shown } of steps) {
    if (command.startsWith("cd ")) cwd = join(cwd, command.slice(3));
    else {
      const { stdout } = await execa(runnable(command), { shell: true, cwd, env, stdin: "ignore" });
      expect(`${command}\n${withoutChance(stdout)}`).toBe(`${command}\n${withoutChance(shown)}`);
    }
  }
});

test.each(["docs/tasks.md", "docs/jobs-and-workflows.md"])(
  "each block of %s runs as it stands",
  async (page) => {
    const text = await readFile(join(root, page), "utf8");
    const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
    expect(blocks.length).toBeGreaterThan(1);
    const dir = await createWorkspace();
    const env = await createEnvironment(dir);
    const run = (script: string, cwd: string) =>
      execa("bash", ["-ec", script], { cwd, env, stdin: "ignore" });
    await run("prop init hello --no-install", dir);
    const cwd = join(dir, "hello");
    onTestFinished(async () => {
      await execa("prop dev stop", { shell: true, cwd, env, reject: false });
    });
    await run("prop dev --detach --port 0 --mqtt-port 0", cwd);
    for (const block of blocks) await run(block, cwd);
  },
);

function readSteps(readme: string): Step[] {
  const blocks = [...readme.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const [command = "", ...shown] = text.split("\n");
        return { command, shown: shown.join("\n") };
      }),
  );
}

/** A `prop` on the path that runs these sources, and a home of its own. */
async function createEnvironment(dir: string) {
  const bin = join(dir, "bin");
  await mkdir(bin);
  const script = `#!/bin/sh\nexec "${process.execPath}" "${join(root, "bin/dev.js")}" "$@"\n`;
  await writeFile(join(bin, "prop"), script);
  await chmod(join(bin, "prop"), 0o755);
  return {
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    HOME: dir,
    XDG_STATE_HOME: "",
    XDG_CONFIG_HOME: "",
  };
}

/** The compilers lie above the project already. */
const runnable = (command: string) => command.replace(/^prop init .*/, "$& --no-install");

/** Leaves out what no two runs have in common: ids, times, ports, paths, who was picked and how far it is. */
function withoutChance(text: string): string {
  return text
    .trim()
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")
    .replaceAll(/\d+(\.\d+)? (ms|s)\b/g, "<time>")
    .replaceAll(/\b(now|\d+s)$/gm, "<age>")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>")
    .replaceAll(/(Scheduled|Running|Completed) +proplet-\d/g, "<state>")
    .replaceAll(/\b[A-Z][a-z]+-[A-Z][a-z]+\b( +active +)\d/g, "<name>$1<tasks>")
    .replaceAll(/^data +\S+$/gm, "data <path>")
    .replaceAll(/ {2,}/g, "  ");
}
