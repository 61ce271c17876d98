import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";

const asNode = (version: string) =>
  `data:text/javascript,Object.defineProperty(process, "versions", {value: {...process.versions, node: "${version}"}})`;

/** A copy of the entry that starts `program` in place of oclif, beside a pinned Node or without one. */
async function createClone({ pinned, program = "" }: { pinned: boolean; program?: string }) {
  const root = await mkdtemp(join(tmpdir(), "prop-bin-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, "bin"));
  for (const name of ["prop.js", "node-version.js"]) {
    await cp(resolve(import.meta.dirname, name), join(root, "bin", name));
  }
  await writeFile(join(root, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(root, "bin/start.js"), program);
  if (pinned) {
    await mkdir(join(root, "node_modules/node/bin"), { recursive: true });
    await symlink(process.execPath, join(root, "node_modules/node/bin/node"));
  }
  return join(root, "bin/prop.js");
}

/** Runs the entry under a Node that says it is `version`. */
function run(entry: string, version: string, args: string[] = []) {
  return execa(process.execPath, ["--import", asNode(version), entry, ...args], { reject: false });
}

const program = "console.log(process.versions.node, ...process.argv.slice(2)); process.exitCode = 7;";

test.each(["14.21.3", "20.20.2", "22.11.0"])("Node %s hands over to the pinned one", async (version) => {
  const entry = await createClone({ pinned: true, program });
  const { stdout, stderr, exitCode } = await run(entry, version, ["tasks", "list", "--json"]);
  expect({ stdout, stderr, exitCode }).toEqual({
    stdout: `${process.versions.node} tasks list --json`,
    stderr: "",
    exitCode: 7,
  });
});

test.each(["22.12.0", "23.0.0", "26.10.0"])("Node %s goes on by itself", async (version) => {
  const entry = await createClone({ pinned: true, program });
  expect(await run(entry, version)).toMatchObject({ stdout: version, exitCode: 7 });
});

test("a global link finds the pinned one of its clone", async () => {
  const entry = await createClone({ pinned: true, program });
  const elsewhere = await createClone({ pinned: false });
  await rm(elsewhere);
  await symlink(entry, elsewhere);
  expect(await run(elsewhere, "20.20.2")).toMatchObject({ stdout: process.versions.node, exitCode: 7 });
});

test("without a pinned one, one line says how to go on", async () => {
  const entry = await createClone({ pinned: false, program });
  const { stdout, stderr, exitCode } = await run(entry, "20.20.2");
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
  expect(stderr).toMatch(/^prop needs Node 22\.12 or newer and this is 20\.20\.2: [^\n]*$/);
});

describe("signals", () => {
  const waiting = (onSignal: string) =>
    `import { setInterval } from "node:timers";
    setInterval(() => {}, 1000);
    ${onSignal}
    console.log("ready");`;

  async function signalled(onSignal: string, signal: NodeJS.Signals) {
    const entry = await createClone({ pinned: true, program: waiting(onSignal) });
    const running = run(entry, "20.20.2");
    running.stdout.once("data", () => running.kill(signal));
    return running;
  }

  test.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)(
    "%s reaches prop, and its exit code comes back",
    async (signal) => {
      const ended = await signalled(`process.once("${signal}", () => process.exit(5));`, signal);
      expect(ended).toMatchObject({ exitCode: 5 });
    },
  );

  test("SIGKILL, which nothing can pass on, ends prop as SIGTERM does", async () => {
    const onTerm = `process.once("SIGTERM", () => { console.log("ended"); process.exit(); });`;
    expect(await signalled(onTerm, "SIGKILL")).toMatchObject({ signal: "SIGKILL", stdout: "ready\nended" });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("prop that dies of %s is seen to", async (signal) => {
    expect(await signalled("", signal)).toMatchObject({ signal });
  });
});
