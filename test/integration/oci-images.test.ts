/** prop push, pull, copy, tags, inspect, login and logout against Debian's docker-registry, with skopeo on the other side. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashSync } from "bcryptjs";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { addText, assemble } from "../../src/engine/testing/wat.ts";
import { digestOf } from "../../src/registry/digest.ts";
import { createUser } from "../support/dev.ts";
import { findDockerRegistry, startDockerRegistry } from "../support/docker-registry.ts";
import { pushManifest, pushModule } from "../support/push-module.ts";
import { hasSkopeo, skopeo } from "../support/skopeo.ts";

const registry = findDockerRegistry();
const withSkopeo = hasSkopeo();
const add = await assemble(addText);

async function setUp(options: { htpasswd?: boolean } = {}) {
  const user = await createUser();
  const passwords = join(user.dir, "htpasswd");
  await writeFile(passwords, `ada:${hashSync("s3cret", 4)}\n`);
  const { host, url } = await startDockerRegistry(
    registry ?? "",
    options.htpasswd ? { htpasswd: passwords } : {},
  );
  await writeFile(join(user.dir, "add.wasm"), add);
  const env = { DOCKER_CONFIG: join(user.dir, ".docker") };
  const prop = (args: string[], more: { env?: Record<string, string>; input?: string } = {}) =>
    user.prop(user.dir, args, { ...more, env: { ...env, ...more.env } });
  const json = async (...args: string[]) => JSON.parse((await prop([...args, "--json"])).stdout);
  return { dir: user.dir, host, url, prop, json, createProject: user.createProject };
}

describe.skipIf(!registry)("an image in Debian's docker-registry", () => {
  test("is the same image whenever and wherever its module is pushed, and is sent once", async () => {
    const { dir, host, prop, json } = await setUp();
    const first = await json("push", `${host}/team/add:1.0`, "add.wasm");
    expect(first.sent_bytes).toBeGreaterThan(add.byteLength);
    await writeFile(join(dir, "add.wasm"), add);
    expect(await json("push", `${host}/team/add:1.0`, "add.wasm")).toEqual({ ...first, sent_bytes: 0 });
    const image = await json("inspect", `${host}/team/add:1.0`);
    expect(image).toMatchObject({
      digest: first.digest,
      module: digestOf(add),
      layers: [{ mediaType: "application/wasm", size: add.byteLength }],
      annotations: {
        "org.opencontainers.image.title": "add",
        "org.opencontainers.image.version": "1.0",
        "fr.absmach.propeller.exports": "add",
      },
    });
    expect(image.annotations).not.toHaveProperty("org.opencontainers.image.created");
    const dated = await prop(["push", `${host}/team/add:dated`, "add.wasm"], {
      env: { SOURCE_DATE_EPOCH: "1700000000" },
    });
    expect(dated.exitCode).toBe(0);
    expect((await json("inspect", `${host}/team/add:dated`)).annotations).toMatchObject({
      "org.opencontainers.image.created": "2023-11-14T22:13:20Z",
    });
  });

  test("of a project is built first, and comes back as it was built", async () => {
    const { dir, host, prop, json, createProject } = await setUp();
    const project = await createProject();
    await json("push", `${host}/hello:1`, project);
    expect((await prop(["pull", `${host}/hello:1`, "-o", "got.wasm"])).stdout).toBe("got.wasm");
    const built = await readFile(join(project, "build/hello.wasm"));
    expect(await readFile(join(dir, "got.wasm"))).toEqual(built);
  });

  test("is pulled once and comes from the cache then", async () => {
    const { dir, host, url, json } = await setUp();
    await pushModule(url, "team/app:1", add, "docker");
    const first = await json("pull", `${host}/team/app:1`);
    expect(first).toMatchObject({ file: "app.wasm", digest: digestOf(add) });
    expect(first.received_bytes).toBeGreaterThan(0);
    expect((await json("pull", `${host}/team/app:1`, "--output", "again.wasm")).received_bytes).toBe(0);
    expect(await readFile(join(dir, "again.wasm"))).toEqual(Buffer.from(add));
    expect((await readdir(dir)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("is copied with all that is in it, mounted where it is in the same registry", async () => {
    const { host, url, json } = await setUp();
    const wasm = await pushModule(url, "app:one", add);
    const other = await pushModule(url, "app:two", Buffer.from("no module"), "plain");
    const type = "application/vnd.oci.image.manifest.v1+json";
    const manifests = [wasm, other].map((digest) => ({ mediaType: type, digest, size: 400 }));
    const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
    const digest = await pushManifest(url, "app", "all", index);
    const mounted = await json("copy", `${host}/app:all`, `${host}/live/app:1`);
    expect(mounted).toMatchObject({ digest, manifests: 3, sent_bytes: 0 });
    const far = await startDockerRegistry(registry ?? "");
    const copied = await json("copy", `${host}/live/app:1`, `${far.host}/app:1`);
    expect(copied).toMatchObject({ digest, manifests: 3 });
    expect(copied.sent_bytes).toBeGreaterThan(add.byteLength);
    const one = await json("inspect", `${far.host}/app@${wasm}`);
    expect(one.module).toBe(digestOf(add));
  });

  test("is copied with its signature where that is wanted", async () => {
    const { host, prop, json } = await setUp();
    const env = { PROP_KEY_PASSWORD: "secret" };
    await json("push", `${host}/add:1`, "add.wasm");
    await prop(["keygen"], { env });
    expect((await prop(["sign", `${host}/add:1`, "--key", "prop.key"], { env })).exitCode).toBe(0);
    const verify = async (image: string) => (await prop(["verify", image, "--key", "prop.pub"])).exitCode;
    await json("copy", `${host}/add:1`, `${host}/bare:1`);
    expect(await verify(`${host}/bare:1`)).toBe(1);
    expect(await json("copy", `${host}/add:1`, `${host}/signed:1`, "--referrers")).toMatchObject({
      manifests: 2,
    });
    expect(await verify(`${host}/signed:1`)).toBe(0);
  });

  test("has tags, and all of them are listed", async () => {
    const { host, url, prop } = await setUp();
    const names = Array.from({ length: 120 }, (_, index) => `v${String(index).padStart(3, "0")}`);
    await pushModule(url, `app:${names[0]}`, add);
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const stored = await fetch(`${url}/v2/app/manifests/${names[0]}`, { headers: { accept: mediaType } });
    const image = { ...Object(await stored.json()), mediaType };
    for (const name of names.slice(1)) await pushManifest(url, "app", name, image);
    expect((await prop(["tags", `${host}/app`])).stdout.split("\n")).toEqual(names);
    expect(await prop(["tags", `${host}/nobody`])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("is not in the registry"),
    });
  });

  test("of others is out of reach until a login, and after a logout", async () => {
    const { dir, host, prop } = await setUp({ htpasswd: true });
    const push = () => prop(["push", `${host}/add:1`, "add.wasm"]);
    expect(await push()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("prop login") });
    const login = (input: string) =>
      prop(["login", host, "--username", "ada", "--password-stdin"], { input });
    expect(await login("wrong")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("doesn't take the login of ada"),
    });
    expect(await login("s3cret\n")).toMatchObject({ exitCode: 0, stdout: `logged in to ${host} as ada` });
    expect((await push()).exitCode).toBe(0);
    const config = await readFile(join(dir, ".docker/config.json"), "utf8");
    expect(JSON.parse(config)).toEqual({ auths: { [host]: { auth: btoa("ada:s3cret") } } });
    expect((await prop(["logout", host])).stdout).toBe(`logged out of ${host}`);
    expect((await prop(["pull", `${host}/add:1`])).exitCode).toBe(1);
  });
});

describe.skipIf(!registry || !withSkopeo)("skopeo", () => {
  test("reads what prop pushed, byte for byte, and prop what skopeo pushed", async () => {
    const { dir, host, json } = await setUp();
    const { digest } = await json("push", `${host}/add:1`, "add.wasm");
    const raw = await execa(
      "/usr/bin/skopeo",
      [...["inspect", "--raw", "--tls-verify=false", `docker://${host}/add:1`]],
      { encoding: "buffer", stripFinalNewline: false },
    );
    expect(digestOf(raw.stdout)).toBe(digest);
    const layout = join(dir, "layout");
    await skopeo("copy", "--src-tls-verify=false", `docker://${host}/add:1`, `oci:${layout}:1`);
    await skopeo("copy", "--dest-tls-verify=false", `oci:${layout}:1`, `docker://${host}/theirs:1`);
    expect(await json("pull", `${host}/theirs:1`)).toMatchObject({ digest: digestOf(add) });
    expect(
      JSON.parse(await skopeo("list-tags", "--tls-verify=false", `docker://${host}/theirs`)).Tags,
    ).toEqual(["1"]);
  });

  test("logs in for prop: they share docker's file", async () => {
    const { dir, host, prop } = await setUp({ htpasswd: true });
    const file = join(dir, ".docker/config.json");
    await prop(["login", "elsewhere.example.com", "--username", "a", "--password-stdin"], { input: "" });
    await skopeo(
      "login",
      "--tls-verify=false",
      "--compat-auth-file",
      file,
      "-u",
      "ada",
      "-p",
      "s3cret",
      host,
    ).catch(() =>
      skopeo("login", "--tls-verify=false", "--authfile", file, "-u", "ada", "-p", "s3cret", host),
    );
    expect((await prop(["push", `${host}/add:1`, "add.wasm"])).exitCode).toBe(0);
  });
});
