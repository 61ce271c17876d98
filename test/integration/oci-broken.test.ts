/** What breaks between prop and a registry: connections, disks, bytes, and prop itself, killed. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { downloadBlob } from "../../src/registry/client/download.ts";
import { parseMirrors } from "../../src/registry/client/endpoint.ts";
import { createAskRegistry } from "../../src/registry/client/request.ts";
import { digestOf } from "../../src/registry/digest.ts";
import { createBlobStore } from "../../src/registry/store/blob-store.ts";
import { createUser } from "../support/dev.ts";
import { findDockerRegistry, startDockerRegistry } from "../support/docker-registry.ts";
import type { OciRegistry, RecordedRequest } from "../support/oci-registry.ts";
import { isBlob, MIB, moduleOf, registryOfTest } from "../support/pulling.ts";
import { pushModule } from "../support/push-module.ts";

const dockerRegistry = findDockerRegistry();
const module = moduleOf(4 * MIB);
const digest = digestOf(module);
const isModule = (request: RecordedRequest) => request.method === "GET" && request.path.endsWith(digest);

let registry: OciRegistry;
beforeEach(async () => {
  registry = await registryOfTest();
});

/** A module whose one section, which nobody reads, is of 4 MiB. */
const sectionBytes = 4 * MIB;
const large = Buffer.concat([
  Buffer.from("0061736d01000000", "hex"),
  Buffer.from([0, ...[0, 7, 14].map((bits) => ((sectionBytes >> bits) & 127) | 128), sectionBytes >> 21]),
  Buffer.from([1, 120]),
  randomBytes(sectionBytes - 2),
]);

/** What lies between a client and a server: after so many bytes of the client it takes no more. */
async function stalling(target: string, afterBytes: number) {
  const [address, port] = target.split(":");
  const stalled = Promise.withResolvers<void>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), address);
    let taken = 0;
    client.on("data", (part) => {
      taken += part.length;
      upstream.write(part);
      if (taken < afterBytes) return;
      client.pause();
      stalled.resolve();
    });
    upstream.pipe(client);
    for (const socket of [client, upstream]) socket.on("error", () => upstream.destroy());
    client.on("close", () => upstream.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port: own } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${own}`, stalled: stalled.promise };
}

async function setUp() {
  const user = await createUser();
  await writeFile(join(user.dir, "app.wasm"), Buffer.from("0061736d01000000", "hex"));
  const env = { ...user.env, DOCKER_CONFIG: join(user.dir, ".docker") };
  const bin = join(import.meta.dirname, "../../bin/dev.js");
  const cache = join(user.dir, ".cache", "prop");
  return {
    dir: user.dir,
    partials: join(cache, "partial"),
    prop: (...args: string[]) => user.prop(user.dir, args, { env }),
    /** A process to kill. */
    begin: (...args: string[]) =>
      execa(process.execPath, [bin, ...args], { cwd: user.dir, env, reject: false }),
    download: () =>
      downloadBlob(
        { registry: registry.host, repository: "app" },
        { digest, size: module.byteLength },
        {
          ask: createAskRegistry({ pauseMs: 1 }),
          mirrors: parseMirrors([]),
          store: createBlobStore(join(cache, "blobs")),
          partialsDir: join(cache, "partial"),
          signal: new AbortController().signal,
          pauseMs: 1,
        },
      ),
  };
}

describe("a pull", () => {
  test("goes on from where the connection broke", async () => {
    const { download } = await setUp();
    await pushModule(registry.url, "app:1", module);
    let breaks = 0;
    registry.failOn((request) => (isModule(request) && ++breaks <= 3 ? { type: "truncate" } : undefined));
    expect(await download()).toBe(module.byteLength);
    const asked = registry.requests.filter(isModule).map(({ range }) => range);
    expect(asked).toHaveLength(4);
    expect(asked[0]).toBeUndefined();
    expect(asked.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ""))).toBe(true);
  });

  test("that is killed is gone on with by the next one", async () => {
    const { dir, partials, prop, begin } = await setUp();
    await pushModule(registry.url, "app:1", module);
    registry.failOn((request) => (isModule(request) ? { type: "hang" } : undefined));
    const killed = begin("pull", `${registry.host}/app:1`, "-o", "got.wasm");
    const kept = async () => {
      const [name] = await readdir(partials).catch(() => []);
      return name === undefined ? 0 : (await stat(join(partials, name))).size;
    };
    await expect.poll(kept, { timeout: 20_000 }).toBeGreaterThan(0);
    killed.kill("SIGKILL");
    await killed;
    const had = await kept();
    registry.failOn(() => undefined);
    expect((await prop("pull", `${registry.host}/app:1`, "-o", "got.wasm")).exitCode).toBe(0);
    expect(registry.requests.filter(isModule).at(-1)?.range).toBe(`bytes=${had}-`);
    expect(Buffer.compare(await readFile(join(dir, "got.wasm")), module)).toBe(0);
    expect(await readdir(partials)).toEqual([]);
  });

  test("with a flipped byte is refused, naming both digests, and leaves no file", async () => {
    const { dir, partials, prop } = await setUp();
    await pushModule(registry.url, "app:1", module);
    registry.failOn((request) => (isModule(request) ? { type: "flip" } : undefined));
    const { exitCode, stderr } = await prop("pull", `${registry.host}/app:1`, "-o", "got.wasm");
    expect(exitCode).toBe(1);
    const flipped = Buffer.from(module);
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    expect(stderr).toContain(`as layer ${digest} is not it, but ${digestOf(flipped)}`);
    expect((await readdir(dir)).filter((name) => name.startsWith("got"))).toEqual([]);
    expect(await readdir(partials)).toEqual([]);
  });

  test("of what the disk has damaged since is refused, and comes anew the next time", async () => {
    const { dir, prop } = await setUp();
    await pushModule(registry.url, "app:1", module);
    const pull = () => prop("pull", `${registry.host}/app:1`, "-o", "got.wasm");
    await pull();
    const damaged = Buffer.from(module);
    damaged[100] = (damaged[100] ?? 0) ^ 1;
    await writeFile(join(dir, ".cache/prop/blobs", digest.replace(":", "/")), damaged);
    expect(await pull()).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`kept as ${digest} is not it any more, but ${digestOf(damaged)}`),
    });
    expect((await pull()).exitCode).toBe(0);
    expect(Buffer.compare(await readFile(join(dir, "got.wasm")), module)).toBe(0);
  });

  test("onto a full disk says so, and leaves nothing", async () => {
    const { dir, partials, begin } = await setUp();
    await pushModule(registry.url, "app:1", module);
    await begin("cache", "ls");
    const bin = join(import.meta.dirname, "../../bin/dev.js");
    // Files may grow to 1 MiB; the signal that would end the process is ignored, so that the write fails.
    const script = `trap '' XFSZ; exec prlimit --fsize=1048576 '${process.execPath}' '${bin}' pull ${registry.host}/app:1 -o got.wasm`;
    const { exitCode, stderr } = await execa("bash", ["-c", script], {
      cwd: dir,
      env: { XDG_CACHE_HOME: join(dir, ".cache"), DOCKER_CONFIG: dir },
      reject: false,
    });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("is full") });
    expect((await readdir(dir)).filter((name) => name.startsWith("got"))).toEqual([]);
    expect(await readdir(partials)).toEqual([]);
  });
});

describe("a push", () => {
  test.skipIf(!dockerRegistry)(
    "that is killed in the middle of a module is finished by the next one",
    async () => {
      const { dir, prop, begin } = await setUp();
      await writeFile(join(dir, "large.wasm"), large);
      const { host } = await startDockerRegistry(dockerRegistry ?? "");
      const relay = await stalling(host, large.byteLength / 2);
      const killed = begin("push", `${relay.host}/app:1`, "large.wasm");
      await relay.stalled;
      killed.kill("SIGKILL");
      await killed;
      expect((await prop("tags", `${host}/app`)).exitCode).toBe(1);
      expect((await prop("push", `${host}/app:1`, "large.wasm")).exitCode).toBe(0);
      expect((await prop("pull", `${host}/app:1`, "-o", "got.wasm")).exitCode).toBe(0);
      expect(Buffer.compare(await readFile(join(dir, "got.wasm")), large)).toBe(0);
    },
  );

  test("waits as an overloaded registry says, and goes on", async () => {
    const { prop } = await setUp();
    let refusals = 0;
    registry.failOn((request) =>
      isBlob(request) && request.method === "HEAD" && ++refusals <= 2
        ? { type: "answer", status: 429, headers: { "retry-after": "0" } }
        : undefined,
    );
    expect((await prop("push", `${registry.host}/app:1`, "app.wasm")).exitCode).toBe(0);
    expect(refusals).toBeGreaterThan(2);
  });
});
