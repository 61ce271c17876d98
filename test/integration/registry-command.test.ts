/** `prop registry` as a user has it: with skopeo, killed in the middle, and `prop cache` beside it. */
import { once } from "node:events";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import bcrypt from "bcryptjs";
import { execa, execaSync } from "execa";
import { expect, test } from "vitest";
import { digestOf } from "../../src/registry/digest.ts";
import { createContentStore } from "../../src/registry/store/content-store.ts";
import { addModule } from "../support/add-module.ts";
import { createUser } from "../support/dev.ts";
import { manifestOf, pushBlob, putManifest } from "../support/oci-conformance/test-registry.ts";
import { pushModule } from "../support/push-module.ts";

const hasSkopeo = execaSync("skopeo", ["--version"], { reject: false }).exitCode === 0;
if (!hasSkopeo) console.warn("skipped: no skopeo on this machine (apt install skopeo)");

type User = Awaited<ReturnType<typeof createUser>>;

async function startRegistry(user: User, args: readonly string[] = []) {
  const registry = await user.start(user.dir, ["registry", "--port", "0", ...args], /registry {2}http:\S+/);
  const [, host = ""] = await registry.says(/registry {2}http:\/\/(\S+)/);
  return { registry, host, v2: `http://${host}/v2` };
}

const skopeo = (user: User, args: readonly string[]) =>
  execa("skopeo", ["--insecure-policy", ...args], { cwd: user.dir, reject: false });

/** An image as a folder that skopeo reads. */
async function writeImage(user: User): Promise<void> {
  const blob = Buffer.from("{}");
  const layout = join(user.dir, "image");
  const blobs = join(layout, "blobs", "sha256");
  await mkdir(blobs, { recursive: true });
  const put = async (bytes: Buffer) => {
    const digest = digestOf(bytes);
    await writeFile(join(blobs, digest.slice(7)), bytes);
    return { digest, size: bytes.byteLength };
  };
  const config = { mediaType: "application/vnd.wasm.config.v0+json", ...(await put(blob)) };
  const layer = { mediaType: "application/wasm", ...(await put(Buffer.alloc(200_000, "wasm"))) };
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }));
  const manifests = [{ mediaType, ...(await put(manifest)) }];
  await writeFile(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
  await writeFile(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
}

test.skipIf(!hasSkopeo)("skopeo copies there and back, inspects, lists and deletes", async () => {
  const user = await createUser();
  await writeImage(user);
  const { host, registry } = await startRegistry(user);
  const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];
  for (const tag of ["team/app:1", "team/app:2", "copy/app:1"]) {
    const pushed = await skopeo(user, ["copy", ...plain, "oci:image", `docker://${host}/${tag}`]);
    expect(pushed.stderr).not.toContain("level=fatal");
    expect(pushed.exitCode).toBe(0);
  }
  const listed = await skopeo(user, ["list-tags", "--tls-verify=false", `docker://${host}/team/app`]);
  expect(JSON.parse(listed.stdout).Tags).toEqual(["1", "2"]);
  const inspected = await skopeo(user, [
    "inspect",
    "--raw",
    "--tls-verify=false",
    `docker://${host}/copy/app:1`,
  ]);
  expect(JSON.parse(inspected.stdout).layers[0].mediaType).toBe("application/wasm");
  const back = await skopeo(user, ["copy", ...plain, `docker://${host}/team/app:2`, "dir:back"]);
  expect(back.exitCode).toBe(0);
  expect(await readdir(join(user.dir, "back"))).toContain("manifest.json");
  const deleted = await skopeo(user, ["delete", "--tls-verify=false", `docker://${host}/team/app:1`]);
  expect(deleted.exitCode).toBe(0);
  const gone = await skopeo(user, ["inspect", "--tls-verify=false", `docker://${host}/team/app:1`]);
  expect(gone.exitCode).not.toBe(0);
  await registry.end("SIGTERM");
});

test.skipIf(!hasSkopeo)("skopeo logs in with a user of the password file", async () => {
  const user = await createUser();
  await writeImage(user);
  await writeFile(join(user.dir, "users"), `ada:${await bcrypt.hash("s3cret", 4)}\n`);
  const { host, registry } = await startRegistry(user, ["--htpasswd", "users"]);
  const copy = (login: readonly string[]) =>
    skopeo(user, ["copy", "--dest-tls-verify=false", ...login, "oci:image", `docker://${host}/app:1`]);
  expect((await copy(["--dest-creds", "ada:wrong"])).exitCode).not.toBe(0);
  expect((await copy(["--dest-creds", "ada:s3cret"])).exitCode).toBe(0);
  await registry.end("SIGTERM");
});

test("killed in the middle of a push, it goes on where that was", async () => {
  const user = await createUser();
  const first = await startRegistry(user, ["--data-dir", "images"]);
  const whole = Buffer.alloc(500_000, "kept ");
  await pushBlob(first.v2, "app", whole);
  expect((await putManifest(first.v2, "app", "1", manifestOf(digestOf(whole)))).status).toBe(201);
  const begun = await fetch(`${first.v2}/app/blobs/uploads/`, { method: "POST" });
  const path = begun.headers.get("location") ?? "";
  const bytes = Buffer.alloc(300_000, "half ");
  const [name = "", port = ""] = first.host.split(":");
  const socket = connect(Number(port), name);
  socket.on("error", () => {});
  socket.write(`PATCH ${path} HTTP/1.1\r\nhost: ${first.host}\r\ncontent-length: 300000\r\n\r\n`);
  socket.write(bytes.subarray(0, 100_000));
  await expect
    .poll(async () => (await fetch(`http://${first.host}${path}`)).headers.get("range"))
    .toBe("0-99999");
  const closed = once(socket, "close");
  await first.registry.end("SIGKILL");
  await closed;

  const second = await startRegistry(user, ["--data-dir", "images"]);
  expect((await fetch(`${second.v2}/app/manifests/1`)).status).toBe(200);
  const url = `http://${second.host}${path}`;
  expect((await fetch(url)).headers.get("range")).toBe("0-99999");
  const rest = bytes.subarray(100_000);
  const headers = { "content-range": "100000-299999" };
  expect((await fetch(url, { method: "PATCH", headers, body: rest })).status).toBe(202);
  expect((await fetch(`${url}?digest=${digestOf(bytes)}`, { method: "PUT" })).status).toBe(201);
  const pulled = await fetch(`${second.v2}/app/blobs/${digestOf(bytes)}`);
  expect(digestOf(Buffer.from(await pulled.arrayBuffer()))).toBe(digestOf(bytes));
  await second.registry.end("SIGTERM");
});

test("on another address than this machine's it wants to know who may use it", async () => {
  const user = await createUser();
  const refused = await user.prop(user.dir, ["registry", "--host", "0.0.0.0", "--port", "0"]);
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--htpasswd") });
  const both = await user.prop(user.dir, ["registry", "--auth", "none", "--htpasswd", "users"]);
  expect(both.exitCode).toBe(2);
  const missing = await user.prop(user.dir, ["registry", "--port", "0", "--htpasswd", "nowhere"]);
  expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("nowhere") });
});

test("prop dev has a registry, tells where, and runs what is pushed there", async () => {
  const user = await createUser();
  const dev = await user.startDev(user.dir);
  const [, host = ""] = await dev.says(/registry {2}(\S+)/);
  expect(await user.json(user.dir, ["dev", "status"])).toMatchObject({ registry: host });
  expect((await user.prop(user.dir, ["dev", "status"])).stdout).toContain(host);
  const add = Buffer.from(addModule, "base64");
  await pushModule(`http://${host}`, "add:1", add);
  const image = ["--image", `${host}/add:1`];
  const task = await user.json(user.dir, ["tasks", "create", "add", "2", "3", ...image, "--start"]);
  await expect
    .poll(async () => (await user.json(user.dir, ["tasks", "get", task.id])).results, { interval: 500 })
    .toBe("5");
  expect((await user.json(user.dir, ["cache", "ls"])).blobs).toMatchObject([
    { digest: digestOf(add), kind: "module" },
  ]);
  await dev.end("SIGTERM");
});

test("the cache is listed and pruned: what is old, what is too much, all", async () => {
  const user = await createUser();
  const dir = join(user.dir, ".cache", "prop");
  const store = createContentStore(join(dir, "blobs"));
  const module = Buffer.concat([Buffer.from("0061736d01000000", "hex"), Buffer.alloc(3_000)]);
  const old = await store.put(Buffer.alloc(5_000, "old"));
  await utimes(join(dir, "blobs", "sha256", old.slice(7)), 1_000, 1_000);
  const kept = await store.put(module);
  expect((await user.json(user.dir, ["cache", "ls"])).blobs).toMatchObject([
    { digest: kept, kind: "module", size_bytes: 3_008 },
    { digest: old, kind: "blob", size_bytes: 5_000, used_at: "1970-01-01T00:16:40.000Z" },
  ]);
  const prune = async (...args: string[]) => (await user.json(user.dir, ["cache", "prune", ...args])).removed;
  expect(await prune("--dry-run")).toEqual([old]);
  expect(await prune("--max-size", "4KiB", "--dry-run")).toEqual([old]);
  expect(await prune("--older-than", "4w")).toEqual([old]);
  expect(await store.has(old)).toBe(false);
  expect(await prune()).toEqual([]);
  expect(await prune("--all")).toEqual([kept]);
  expect((await user.prop(user.dir, ["cache", "ls"])).stderr).toContain("0 bytes in ");
  expect((await user.prop(user.dir, ["cache", "prune", "--older-than", "soon"])).exitCode).toBe(2);
});
