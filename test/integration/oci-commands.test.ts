/** Images as users push, pull, copy and look at them, in Debian's registry, with skopeo as the other side. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { addText, assemble } from "../../src/engine/testing/wat.ts";
import { digestOf } from "../../src/registry/digest.ts";
import { createUser } from "../support/dev.ts";
import { findDockerRegistry, startDockerRegistry } from "../support/docker-registry.ts";

const registry = findDockerRegistry();
const skopeo = await execa("skopeo", ["--version"], { reject: false }).then(({ failed }) => !failed);
if (!skopeo)
  console.warn("skipped: images against skopeo, which is not on this machine (apt install skopeo)");
const add = Buffer.from(await assemble(addText));
/** A module of which a section nobody reads has random bytes. */
const large = Buffer.concat([add.subarray(0, 8), section(randomBytes(3_000_000)), add.subarray(8)]);

function section(content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from([1, 120]), content]);
  const size: number[] = [];
  for (let rest = named.byteLength; ; rest >>>= 7) {
    size.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([0, ...size]), named]);
}

async function setUp() {
  const { host, url } = await startDockerRegistry(registry ?? "");
  const dir = await mkdtemp(join(tmpdir(), "prop-oci-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, "add.wasm"), large);
  const user = await createUser();
  const prop = (...args: string[]) => user.prop(dir, args);
  return { host, url, dir, prop };
}

describe.skipIf(!registry)("an image", () => {
  test("is pushed once, pulled, listed and looked at", async () => {
    const { host, dir, prop } = await setUp();
    const image = `${host}/team/add:1.0`;
    const pushed = await prop("push", image, "add.wasm", "--json");
    expect(pushed.stderr).toBe("");
    const { digest, sent_bytes } = JSON.parse(pushed.stdout);
    expect(sent_bytes).toBeGreaterThan(3_000_000);
    const again = await prop("push", image, "add.wasm");
    expect(again).toMatchObject({
      stdout: `pushed ${image}\n${digest}`,
      stderr: "all of it was there already",
    });
    await prop("push", `${host}/team/add:2.0`, "add.wasm");
    expect((await prop("tags", `${host}/team/add`)).stdout).toBe("1.0\n2.0");
    expect((await prop("pull", image)).stdout).toBe("add.wasm");
    expect((await prop("pull", image, "--output", "again.wasm")).exitCode).toBe(0);
    expect(await readFile(join(dir, "again.wasm"))).toEqual(large);
    const inspected = JSON.parse((await prop("inspect", image, "--json")).stdout);
    expect(inspected).toMatchObject({
      digest,
      module: digestOf(large),
      annotations: { "org.opencontainers.image.title": "add", "org.opencontainers.image.version": "1.0" },
    });
    expect((await prop("inspect", "add.wasm")).stdout).toContain("add(i32, i32) -> i32");
  });

  test("is copied within its registry and to another one, with its digest", async () => {
    const [a, b] = [await setUp(), await setUp()];
    const { digest } = JSON.parse((await a.prop("push", `${a.host}/x/add:1`, "add.wasm", "--json")).stdout);
    const next = await a.prop("copy", `${a.host}/x/add:1`, `${a.host}/y/add:live`, "--json");
    expect(JSON.parse(next.stdout)).toMatchObject({ digest });
    expect((await a.prop("copy", `${a.host}/y/add:live`, `${b.host}/z/add:1`)).stdout).toContain(digest);
    await b.prop("pull", `${b.host}/z/add:1`, "-o", "copied.wasm");
    expect(await readFile(join(b.dir, "copied.wasm"))).toEqual(large);
  });

  test("that isn't there, or a module that isn't, is told in one line", async () => {
    const { host, prop } = await setUp();
    const missing = await prop("pull", `${host}/no/such:1`);
    expect(missing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("is not in the registry") });
    expect(missing.stderr.split("\n")).toHaveLength(1);
    expect(await prop("push", `${host}/x:1`, "nosuch.wasm")).toMatchObject({
      exitCode: 1,
      stderr: "Error: nosuch.wasm is not there",
    });
    expect(await prop("push", `${host}/X:1`, "add.wasm")).toMatchObject({ exitCode: 2 });
  });

  test.skipIf(!skopeo)(
    "that we pushed is read by skopeo, and one that skopeo pushed is read by us",
    async () => {
      const { host, dir, prop } = await setUp();
      const image = `${host}/team/add:1.0`;
      const { digest } = JSON.parse((await prop("push", image, "add.wasm", "--json")).stdout);
      const seen = await execa("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${image}`]);
      expect(digestOf(Buffer.from(seen.stdout))).toBe(digest);
      await mkdir(join(dir, "layout"));
      await execa("skopeo", ["copy", "--src-tls-verify=false", `docker://${image}`, `oci:${dir}/layout:1`]);
      const theirs = `${host}/theirs/add:1`;
      await execa("skopeo", ["copy", "--dest-tls-verify=false", `oci:${dir}/layout:1`, `docker://${theirs}`]);
      await prop("pull", theirs, "-o", "theirs.wasm");
      expect(await readFile(join(dir, "theirs.wasm"))).toEqual(large);
    },
  );
});

/** Stands between a client and a registry, and cuts the connection of requests it is told to. */
async function startCutter(target: string, cuts: (method: string, path: string) => number | undefined) {
  const server = createServer(async (request, response) => {
    const { method = "GET", url = "" } = request;
    const after = cuts(method, url);
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of request) {
      parts.push(part);
      length += part.length;
      if (after !== undefined && length >= after) return request.socket.destroy();
    }
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(
        ([name]) => !["host", "connection", "transfer-encoding"].includes(name),
      ),
    );
    const body = length === 0 ? {} : { body: Buffer.concat(parts) };
    const answer = await fetch(`${target}${url}`, {
      method,
      headers: headers as Record<string, string>,
      ...body,
    });
    const location = answer.headers.get("location")?.replace(target, `http://${request.headers.host}`);
    response.writeHead(answer.status, {
      ...Object.fromEntries(answer.headers),
      ...(location && { location }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (method === "GET" && after !== undefined && bytes.length > after) {
      response.write(bytes.subarray(0, after), () => response.destroy());
      return undefined;
    }
    return response.end(method === "HEAD" ? undefined : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.skipIf(!registry)("a connection that breaks", () => {
  test("in the middle of an upload or a download doesn't stop it", async () => {
    const { host, url, dir, prop } = await setUp();
    let breaks = 2;
    const cutter = await startCutter(url, (method, path) => {
      const cut = (method === "PUT" && path.includes("uploads")) || path.includes(digestOf(large));
      return method !== "HEAD" && cut && breaks-- > 0 ? 1_000_000 : undefined;
    });
    const pushed = await prop("push", `${cutter}/x/add:1`, "add.wasm");
    expect(pushed).toMatchObject({ exitCode: 0 });
    expect(breaks).toBeLessThanOrEqual(0);
    breaks = 2;
    const copied = await prop("copy", `${cutter}/x/add:1`, `${host}/elsewhere/add:1`);
    expect(copied).toMatchObject({ exitCode: 0 });
    await prop("pull", `${host}/elsewhere/add:1`, "-o", "got.wasm");
    expect(await readFile(join(dir, "got.wasm"))).toEqual(large);
  });
});
