import { once } from "node:events";
import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isProcessAlive } from "../../src/config/process-alive.ts";
import { createUser } from "../support/dev.ts";

const adds = await readFile(new URL("../../templates/wat/function/src/index.wat", import.meta.url), "utf8");
const source = (operation: string): string => adds.replace("i32.add", `i32.${operation}`);

test("a project is built, deployed, and deployed again at each change, while invocations go on", async () => {
  const user = await createUser();
  const project = await user.createProject();
  const dev = await user.startDev(project, [], /invoke it: prop invoke hello 2 3\n/);
  await dev.says(/HTTP API {2}http:\/\/127\.0\.0\.1:\d+\nMQTT {6}mqtt:\/\/127\.0\.0\.1:\d+\nproplets {2}2\n/);
  await dev.says(/^built build\/hello\.wasm \(41 bytes\)$/m);
  await dev.says(/^deployed hello \(revision 1\)$/m);
  expect(await user.prop(project, ["invoke", "hello", "2", "3"])).toMatchObject({ stdout: "5", exitCode: 0 });
  expect((await user.prop(project, ["invoke", "hello", "-7", "3"])).stdout).toBe("-4");
  await dev.says(/hello 2 3 → 5 {2}\d+\.\d ms {2}proplet-\d\n/);

  const { url } = await user.json(project, ["dev", "status"]);
  const calls = { isOn: true, results: new Set<string>() };
  const calling = Promise.all([1, 2, 3].map(() => invokeWhile(url, calls)));
  await writeFile(join(project, "src/index.wat"), source("sub"));
  await dev.says(/deployed hello \(revision 2\)/);
  await writeFile(join(project, "src/index.wat"), source("mul"));
  await dev.says(/deployed hello \(revision 3\)/);
  expect((await user.prop(project, ["invoke", "hello", "2", "3"])).stdout).toBe("6");
  calls.isOn = false;
  await calling;
  expect([...calls.results].sort()).toEqual(["-1", "5", "6"]);
});

/** Invokes hello 2 3 again and again; throws at the first failure. */
async function invokeWhile(url: string, calls: { isOn: boolean; results: Set<string> }): Promise<void> {
  while (calls.isOn) {
    const response = await fetch(`${url}/functions/hello/invoke`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ inputs: ["2", "3"] }),
    });
    const answer = await response.text();
    const [, result] = /^\{"invoked":true,"results":"(.*)"\}$/.exec(answer) ?? [];
    if (result === undefined) throw new Error(`an invocation failed: ${answer}`);
    calls.results.add(result);
  }
}

test("a build that fails is shown, and what was deployed before stays; files come and go", async () => {
  const user = await createUser();
  const project = await user.createProject();
  const dev = await user.startDev(project, [], /deployed hello/);
  const invoke = async () => (await user.prop(project, ["invoke", "hello", "2", "3"])).stdout;
  await writeFile(join(project, "src/index.wat"), "(module nope)");
  await dev.says(/Error: the wat compiler failed \(exit 1\)/);
  expect(await invoke()).toBe("5");
  await rename(join(project, "src/index.wat"), join(project, "src/other.wat"));
  await dev.says(/Error: prop\.toml: source "src\/index\.wat" is not in/);
  expect(await invoke()).toBe("5");
  await rename(join(project, "src/other.wat"), join(project, "src/index.wat"));
  dev.forget();
  await writeFile(join(project, "prop.toml"), "name = 1");
  await dev.says(/Error: prop\.toml: "toolchain" is missing/);
  await writeFile(join(project, "src/index.wat"), source("sub"));
  await writeFile(
    join(project, "prop.toml"),
    'name = "hello"\ntoolchain = "wat"\nsource = "src/index.wat"\nexport = "add"\n',
  );
  await dev.says(/deployed hello \(revision 2\)/);
  expect(await invoke()).toBe("-1");
});

test("Ctrl-C ends it within a second, and the next start has its state again", async () => {
  const user = await createUser();
  const project = await user.createProject();
  for (const round of [1, 2, 3, 4, 5, 6, 7]) {
    const until = round === 1 ? /deployed hello \(revision 1\)/ : /unchanged hello \(revision 1\)/;
    const dev = await user.startDev(project, [], until);
    expect((await user.prop(project, ["invoke", "hello", "2", "3"])).stdout).toBe("5");
    expect((await dev.end("SIGINT")).exitCode).toBe(0);
    expect(await readdir(join(project, ".prop"))).not.toContain("dev.json");
  }
  const dev = await user.startDev(project, [], /unchanged hello/);
  expect((await user.json(project, ["tasks", "list"])).total).toBe(1);
  expect((await dev.end("SIGTERM")).exitCode).toBe(0);
  const [state, keys] = await Promise.all(
    [".prop", ".prop/keys.json"].map((path) => stat(join(project, path))),
  );
  expect([state?.mode, keys?.mode].map((mode) => (mode ?? 0) & 0o777)).toEqual([0o700, 0o600]);
});

const endless = '(module (func (export "add") (param i32 i32) (result i32) (loop (br 0)) (i32.const 0)))';

test("a function that never ends doesn't hold it; a second Ctrl-C ends it at once", async () => {
  const user = await createUser();
  const project = await user.createProject();
  await writeFile(join(project, "src/index.wat"), endless);
  for (const times of [1, 2]) {
    const dev = await user.startDev(project, [], /(deployed|unchanged) hello/);
    const { url } = await user.json(project, ["dev", "status"]);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ inputs: ["2", "3"] });
    const call = fetch(`${url}/functions/hello/invoke`, { method: "POST", headers, body }).catch(
      () => "gone",
    );
    const task = (await user.json(project, ["tasks", "list"])).tasks[0];
    expect(task.name).toBe("hello");
    const ended = dev.end("SIGINT");
    await dev.says(/stopping; once more ends it at once/);
    if (times === 2) dev.process.kill("SIGINT");
    expect((await ended).exitCode).toBe(times === 2 ? 130 : 0);
    await call;
  }
});

test("killed, it is known to be gone, and the next start has its state", async () => {
  const user = await createUser();
  const project = await user.createProject();
  const dev = await user.startDev(project, [], /deployed hello/);
  expect(await user.prop(project, ["dev", "status"])).toMatchObject({ exitCode: 0 });
  await dev.end("SIGKILL");
  const status = await user.prop(project, ["dev", "status"]);
  expect(status).toMatchObject({
    exitCode: 1,
    stderr: "Error: no prop dev runs here\n  Start one with: prop dev",
  });
  expect(await user.json(project, ["dev", "stop"])).toEqual({ stopped: false });
  await user.startDev(project, [], /unchanged hello \(revision 1\)/);
  expect((await user.prop(project, ["invoke", "hello", "2", "3"])).stdout).toBe("5");
});

test("a second one on the same state is refused by name; one beside it is not", async () => {
  const user = await createUser();
  const project = await user.createProject();
  const first = await user.startDev(project);
  const second = await user.prop(project, ["dev", "--port", "0"]);
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toContain(
    `Error: prop dev with process id ${first.process.pid} uses ${project}/.prop already`,
  );
  await user.startDev(project, ["--ephemeral"]);
  await user.startDev(user.dir);
  const urls = await Promise.all([project, user.dir].map((cwd) => user.json(cwd, ["dev", "status"])));
  expect(new Set(urls.map(({ url }) => url)).size).toBe(2);
});

/** Listens on a port, unless somebody else on this machine does already: taken it is either way. */
async function takePort(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening").catch(() => undefined);
}

test("a usual port that is taken gives way, one that was asked for is an error", async () => {
  const user = await createUser();
  await Promise.all([7070, 1883].map(takePort));
  const dev = await user.start(user.dir, ["dev"], /data /);
  await dev.says(/port 1883 is taken: the broker listens on \d+\n/);
  await dev.says(/port 7070 is taken: the HTTP API listens on \d+\n/);
  await dev.end("SIGINT");
  for (const flag of ["--port", "--mqtt-port"]) {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    for (const detach of [[], ["--detach"]]) {
      const refused = await user.prop(user.dir, ["dev", "--ephemeral", flag, port, ...detach]);
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toMatch(new RegExp(`Error: .*port ${port} .*taken`));
    }
  }
});

test("--detach leaves it running once the function is ready; status finds it, stop ends it", async () => {
  const user = await createUser();
  const project = await user.createProject();
  const started = await user.prop(project, ["dev", "--detach", "--port", "0", "--mqtt-port", "0"]);
  onTestFinished(() => void user.prop(project, ["dev", "stop"]));
  expect(started.exitCode).toBe(0);
  expect(started.stdout).toContain("deployed hello (revision 1)\ninvoke it: prop invoke hello 2 3");
  const status = await user.json(project, ["dev", "status"]);
  expect(status).toMatchObject({ proplets: 2, functions: [{ name: "hello", revision: 1 }] });
  expect((await user.prop(project, ["invoke", "hello", "2", "3"])).stdout).toBe("5");
  await expect.poll(() => readFile(join(project, ".prop/dev.log"), "utf8")).toContain("→ 5");
  expect(await user.json(project, ["dev", "stop"])).toEqual({ stopped: true, pid: status.pid });
  expect(isProcessAlive(status.pid)).toBe(false);
  expect((await user.prop(project, ["dev", "stop"])).stderr).toBe("No prop dev runs here.");
});

test("an ephemeral one leaves nothing", async () => {
  const user = await createUser();
  const dev = await user.startDev(user.dir, ["--ephemeral"]);
  const [, data = ""] = await dev.says(/data {6}(\S+) \(removed at the end\)/);
  expect(await readdir(data)).toContain("prop.db");
  expect((await user.json(user.dir, ["dev", "status"])).dataDir).toBe(data);
  await dev.end("SIGINT");
  await expect(readdir(data)).rejects.toThrow("ENOENT");
  expect(await readdir(user.dir)).not.toContain(".prop");
});

test("with --json each thing that happens is a line", async () => {
  const user = await createUser();
  const project = await user.createProject();
  const dev = await user.startDev(project, ["--json"], /"type":"deployed"/);
  const [line = ""] = await dev.says(/^\{"type":"listening".*$/m);
  expect(JSON.parse(line)).toMatchObject({ proplets: 2, record: { pid: dev.process.pid } });
  await dev.end("SIGINT");
  await dev.says(/^\{"type":"stopped"\}\n$/m);
});

test("deploy hands over a project or a module, and says how to invoke it", async () => {
  const user = await createUser();
  const project = await user.createProject();
  await user.startDev(user.dir);
  const first = await user.prop(project, ["deploy"]);
  expect(first).toMatchObject({ exitCode: 0, stdout: "deployed hello (revision 1, 41 bytes) to dev" });
  expect(first.stderr).toBe("invoke it: prop invoke hello 2 3");
  expect(await user.json(project, ["deploy"])).toMatchObject({ name: "hello", revision: 2, target: "dev" });
  const module = join(project, "build/hello.wasm");
  expect((await user.prop(user.dir, ["deploy", module, "--name", "other"])).exitCode).toBe(0);
  expect(await user.json(user.dir, ["invoke", "other", "20", "22"])).toEqual({
    function: "other",
    inputs: ["20", "22"],
    results: "42",
  });
  const missing = await user.prop(user.dir, ["deploy", "none.wasm"]);
  expect(missing).toMatchObject({ exitCode: 1, stderr: "Error: none.wasm is not there" });
});

test("invoke: bytes for stdin, and errors that say what is wrong", async () => {
  const user = await createUser();
  await writeFile(join(user.dir, "copies.wat"), copies);
  await user.startDev(user.dir);
  await user.prop(user.dir, ["init", "copies", "--template", "wat", "--no-install"]);
  const project = join(user.dir, "copies");
  await writeFile(join(project, "src/index.wat"), copies);
  await writeFile(
    join(project, "prop.toml"),
    'name = "copies"\ntoolchain = "wat"\nsource = "src/index.wat"\n',
  );
  expect(await user.prop(project, ["deploy"])).toMatchObject({ exitCode: 0 });
  await writeFile(join(user.dir, "input.txt"), "from a file");
  expect((await user.prop(user.dir, ["invoke", "copies", "--data", "@input.txt"])).stdout).toBe(
    "from a file",
  );
  expect((await user.prop(user.dir, ["invoke", "copies", "--data", "-"], { input: "piped\n" })).stdout).toBe(
    "piped",
  );
  const unknown = await user.prop(user.dir, ["invoke", "nope"]);
  expect(unknown).toMatchObject({ exitCode: 1, stdout: "" });
  expect(unknown.stderr).toBe("Error: there is no function nope\n  Deployed are: copies");
  const hello = await user.createProject();
  await user.prop(hello, ["deploy"]);
  const wrong = await user.prop(user.dir, ["invoke", "hello", "x", "y"]);
  expect(wrong).toMatchObject({ exitCode: 1, stdout: "" });
  expect(wrong.stderr).toMatch(/^Error: .*'x'/);
  expect((await user.json(user.dir, ["invoke", "hello", "2"])).error.code).toBe("INVOCATION_FAILED");
});

/** Copies stdin to stdout. */
const copies = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\00\\10\\00\\00")
  (func (export "_start")
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
    (i32.store (i32.const 4) (i32.load (i32.const 4)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

test("tasks are created, started, listed, shown, stopped and deleted", async () => {
  const user = await createUser();
  const project = await user.createProject();
  await user.startDev(user.dir);
  await user.prop(project, ["build"]);
  const module = join(project, "build/hello.wasm");
  const tasks = (...args: string[]) => user.prop(user.dir, ["tasks", ...args]);
  const created = await tasks("create", "add", "20", "-22", "--file", module, "--start");
  expect(created).toMatchObject({ exitCode: 0, stderr: "" });
  const id = created.stdout;
  await expect.poll(async () => (await tasks("results", id)).stdout).toBe("-2");
  expect((await tasks("get", id)).stdout).toMatch(
    new RegExp(`^id +${id}\nname +add\n(.*\n)*state +Completed\n`),
  );
  const { stdout: later } = await tasks("create", "add", "1", "2");
  expect((await tasks("results", later)).stderr).toContain("task add is Pending: it has no result yet");
  expect((await tasks("upload", later, module)).stderr).toBe(`Uploaded ${module} (41 bytes) to task add.`);
  expect(await user.json(user.dir, ["tasks", "start", later])).toEqual({ id: later, started: true });
  await expect.poll(async () => (await tasks("results", later)).stdout).toBe("3");
  const lines = (await tasks("list")).stdout.split("\n");
  expect(lines[0]).toMatch(/^ID +NAME +STATE +PROPLET +AGE$/);
  expect(
    lines
      .slice(1)
      .map((line) => line.split(/ +/)[0])
      .sort(),
  ).toEqual([id, later].sort());
  expect((await tasks("list", "--limit", "1")).stderr).toBe("1 to 1 of 2; see --offset and --limit");
  const { stdout: spinning } = await tasks(
    "create",
    "add",
    "1",
    "2",
    "--file",
    await spin(user.dir),
    "--start",
  );
  await expect.poll(async () => (await user.json(user.dir, ["tasks", "get", spinning])).state).toBe(2);
  expect((await tasks("stop", spinning)).exitCode).toBe(0);
  await expect.poll(async () => (await user.json(user.dir, ["tasks", "get", spinning])).state).toBe(6);
  for (const task of [id, later, spinning]) expect((await tasks("delete", task)).exitCode).toBe(0);
  expect((await user.json(user.dir, ["tasks", "list"])).total).toBe(0);
  const gone = await tasks("get", id);
  expect(gone).toMatchObject({ exitCode: 1, stdout: "" });
  expect(gone.stderr).toMatch(/^Error: /);
});

async function spin(dir: string): Promise<string> {
  const { default: wabt } = await import("wabt");
  const { parseWat } = await wabt();
  const path = join(dir, "spin.wasm");
  await writeFile(path, parseWat("spin.wat", endless).toBinary({}).buffer);
  return path;
}

test("proplets are listed and shown; one that lives comes back", async () => {
  const user = await createUser();
  await user.startDev(user.dir, ["--proplets", "3"]);
  const listed = await user.json(user.dir, ["proplets", "list", "--status", "active"]);
  expect(listed.proplets.map(({ id }: { id: string }) => id)).toEqual([
    "proplet-1",
    "proplet-2",
    "proplet-3",
  ]);
  const table = await user.prop(user.dir, ["proplets", "list"]);
  expect(table.stdout).toMatch(/^ID +NAME +STATUS +TASKS +RUNTIME +HEARD\nproplet-1 +\S+ +active +0 +v8 +/);
  expect((await user.prop(user.dir, ["proplets", "get", "proplet-2"])).stdout).toMatch(/^id +proplet-2\n/);
  expect((await user.prop(user.dir, ["proplets", "delete", "proplet-3"])).exitCode).toBe(0);
  expect(await user.prop(user.dir, ["proplets", "get", "nope"])).toMatchObject({ exitCode: 1, stdout: "" });
});

test("targets: named, chosen, asked for, removed", async () => {
  const user = await createUser();
  const project = await user.createProject();
  await user.startDev(project, [], /deployed/);
  const { url } = await user.json(project, ["dev", "status"]);
  await user.prop(user.dir, ["target", "add", "here", url]);
  await user.prop(user.dir, ["target", "add", "dead", "http://127.0.0.1:9"]);
  await user.prop(user.dir, ["target", "use", "dead"]);
  const dead = await user.prop(project, ["invoke", "hello", "2", "3"]);
  expect(dead).toMatchObject({ exitCode: 1, stdout: "" });
  expect(dead.stderr).toMatch(/^Error: cannot reach the manager at http:\/\/127\.0\.0\.1:9.*\n {2}\S/);
  for (const target of ["here", url, "dev"]) {
    expect((await user.prop(project, ["invoke", "hello", "2", "3", "--target", target])).stdout).toBe("5");
  }
  const { stdout } = await user.prop(project, ["invoke", "hello", "2", "3"], {
    env: { PROP_TARGET: "here" },
  });
  expect(stdout).toBe("5");
  expect(await user.json(project, ["target", "list"])).toEqual([
    { name: "dev", url, current: false },
    { name: "here", url, current: false },
    { name: "dead", url: "http://127.0.0.1:9", current: true },
  ]);
  await user.prop(user.dir, ["target", "remove", "dead"]);
  expect((await user.prop(project, ["target", "list"])).stdout).toMatch(/^ +NAME +URL\n\* +dev +http/);
});

test.each([
  [["invoke"], /CALL is missing: Name of the function/],
  [["invoke", "hello", "--request", "x"], /--request "x" is no request/],
  [["invoke", "hello", "--env", "x"], /--env "x" is not NAME=value/],
  [["invoke", "hello", "--target", "nope"], /there is no target "nope"/],
  [["deploy", "--nope"], /there is no flag --nope/],
  [["tasks", "get", "x"], /"x" is not a task's id/],
  [["tasks", "list", "--limit", "0"], /greater than or equal to 1/],
  [["target", "add", "x", "y"], /"y" is not the URL of a manager/],
  [["dev", "--proplets", "0"], /greater than or equal to 1/],
  [["dev", "--data", "x", "--ephemeral"], /--ephemeral/],
])("%j is bad usage", async (args, message) => {
  const user = await createUser();
  const { exitCode, stdout, stderr } = await user.prop(user.dir, args);
  expect(stderr).toMatch(message);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
});
