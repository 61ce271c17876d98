/** The registry over HTTP: what the conformance suite does not ask. */
import { once } from "node:events";
import { readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import bcrypt from "bcryptjs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf } from "../../src/registry/digest.ts";
import { readHtpasswd } from "../../src/registry/server/htpasswd.ts";
import {
  manifestOf,
  pushBlob,
  putManifest,
  startTestRegistry,
} from "../support/oci-conformance/test-registry.ts";

const bytes = Buffer.alloc(300_000, "some module ");
const digest = digestOf(bytes);

async function begin(v2: string, repository = "app"): Promise<string> {
  const answer = await fetch(`${v2}/${repository}/blobs/uploads/`, { method: "POST" });
  return new URL(answer.headers.get("location") ?? "", v2).href;
}

function patch(url: string, body: Buffer<ArrayBuffer>, start: number): Promise<Response> {
  const range = `${start}-${start + body.byteLength - 1}`;
  return fetch(url, { method: "PATCH", headers: { "content-range": range }, body });
}

test("a blob comes back whole, in part, and not at all to who has it", async () => {
  const { v2 } = await startTestRegistry();
  await pushBlob(v2, "team/app", bytes);
  const url = `${v2}/team/app/blobs/${digest}`;
  const whole = await fetch(url);
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
  expect(whole.headers.get("docker-content-digest")).toBe(digest);
  for (const [range, from, to] of [
    ["bytes=10-19", 10, 20],
    ["bytes=299990-", 299_990, 300_000],
    ["bytes=-5", 299_995, 300_000],
  ] as const) {
    const part = await fetch(url, { headers: { range } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(from, to))).toBe(true);
    expect(part.headers.get("content-range")).toBe(`bytes ${from}-${to - 1}/300000`);
  }
  expect((await fetch(url, { headers: { range: "bytes=300000-" } })).status).toBe(416);
  const etag = whole.headers.get("etag") ?? "";
  expect((await fetch(url, { headers: { "if-none-match": etag } })).status).toBe(304);
});

test("a chunk that is not the next one is refused with the place where to go on", async () => {
  const { v2 } = await startTestRegistry();
  const url = await begin(v2);
  expect((await patch(url, bytes.subarray(0, 1000), 0)).headers.get("range")).toBe("0-999");
  for (const start of [0, 500, 2000]) {
    const refused = await patch(url, bytes.subarray(start, start + 1000), start);
    expect({ status: refused.status, range: refused.headers.get("range") }).toEqual({
      status: 416,
      range: "0-999",
    });
  }
  expect((await patch(url, bytes.subarray(1000), 1000)).status).toBe(202);
  expect((await fetch(`${url}?digest=${digest}`, { method: "PUT" })).status).toBe(201);
});

test("an upload belongs to its repository", async () => {
  const { v2 } = await startTestRegistry();
  const url = await begin(v2, "app");
  expect((await fetch(url.replace("/app/", "/other/"))).status).toBe(404);
  expect((await fetch(url)).status).toBe(204);
});

test("bytes that are not the digest's leave nothing", async () => {
  const { v2, dir } = await startTestRegistry();
  const wrong = digestOf(Buffer.from("other"));
  const posted = await fetch(`${v2}/app/blobs/uploads/?digest=${wrong}`, { method: "POST", body: bytes });
  expect(posted.status).toBe(400);
  expect(await posted.json()).toMatchObject({
    errors: [{ code: "DIGEST_INVALID", message: expect.stringContaining(digest) }],
  });
  expect((await fetch(`${v2}/app/blobs/${wrong}`)).status).toBe(404);
  expect(await readdir(join(dir, "uploads"))).toEqual([]);
});

test("a connection that breaks keeps what came, and the next one goes on from there", async () => {
  const { v2, port, errors } = await startTestRegistry();
  const url = await begin(v2);
  const socket = connect(port, "127.0.0.1");
  const head = `PATCH ${new URL(url).pathname} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 300000\r\n\r\n`;
  socket.write(head);
  socket.write(bytes.subarray(0, 100_000));
  await expect.poll(async () => (await fetch(url)).headers.get("range")).toBe("0-99999");
  // The registry does not know that this client is gone: the next request ends what it waits for.
  const { status } = await patch(url, bytes.subarray(100_000), 100_000);
  expect(status).toBe(202);
  socket.destroy();
  expect((await fetch(`${url}?digest=${digest}`, { method: "PUT" })).status).toBe(201);
  expect(errors).toEqual([]);
});

test("many that push the same blob at once all succeed, and there is one", async () => {
  const { v2, dir } = await startTestRegistry();
  const repositories = Array.from({ length: 12 }, (_, index) => `app${index % 4}`);
  await Promise.all(repositories.map((repository) => pushBlob(v2, repository, bytes)));
  expect(await readdir(join(dir, "blobs", "sha256"))).toEqual([digest.slice(7)]);
  expect(await readdir(join(dir, "uploads"))).toEqual([]);
});

test("a manifest whose blobs are not there is refused, one of another repository's too", async () => {
  const { v2 } = await startTestRegistry();
  await pushBlob(v2, "other", bytes);
  const refused = await putManifest(v2, "app", "1", manifestOf(digest));
  expect(await refused.json()).toMatchObject({ errors: [{ code: "MANIFEST_BLOB_UNKNOWN" }] });
  expect((await fetch(`${v2}/app/blobs/${digest}`)).status).toBe(404);
  const mounted = await fetch(`${v2}/app/blobs/uploads/?mount=${digest}&from=other`, { method: "POST" });
  expect(mounted.status).toBe(201);
  expect((await putManifest(v2, "app", "1", manifestOf(digest))).status).toBe(201);
});

test.each([
  ["not JSON", "{", 400],
  ["an array", "[]", 400],
  ["layers that are no list", manifestOf(digest, { layers: 5 }), 400],
  ["a digest that is none", manifestOf("sha256:x"), 400],
  ["another type than it came as", manifestOf(digest, { mediaType: "application/json" }), 400],
  ["more than 4 MiB", " ".repeat(4 * 1_048_576 + 1), 413],
])("a manifest that is %s is refused", async (_, body, status) => {
  const { v2, errors } = await startTestRegistry();
  expect((await putManifest(v2, "app", "1", body)).status).toBe(status);
  expect(errors).toEqual([]);
});

test("ten thousand tags come by pages, each once and in order", async () => {
  const { v2 } = await startTestRegistry();
  await pushBlob(v2, "app", bytes);
  const manifest = manifestOf(digest);
  const names = Array.from({ length: 10_000 }, (_, index) => `v${String(index).padStart(5, "0")}`);
  const tags = names.slice(0, 9_900);
  const query = tags.map((tag) => `tag=${tag}`);
  for (let at = 0; at < query.length; at += 900) {
    const which = `${digestOf(Buffer.from(manifest))}?${query.slice(at, at + 900).join("&")}`;
    expect((await putManifest(v2, "app", which, manifest)).status).toBe(201);
  }
  for (const tag of names.slice(9_900)) await putManifest(v2, "app", tag, manifest);
  const seen: string[] = [];
  let next: string | undefined = `${v2}/app/tags/list?n=999`;
  while (next !== undefined) {
    const answer: Response = await fetch(next);
    seen.push(...JSON.parse(await answer.text()).tags);
    const link = /<(.*)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
    next = link === undefined ? undefined : new URL(link, v2).href;
  }
  expect(seen).toEqual(names);
});

test("no path leads out of the registry, or makes it fail", async () => {
  const { port, errors, dir } = await startTestRegistry();
  const before = await readdir(join(dir, ".."));
  const part = fc.constantFrom(
    "..",
    ".",
    "",
    "app",
    "%2e%2e",
    "a%2fb",
    "%2F",
    "%00",
    "%",
    "blobs",
    "uploads",
    "A",
    "é",
  );
  const paths = fc.array(fc.oneof(part, fc.string({ maxLength: 300 }).map(encodeURI)), { maxLength: 8 });
  const methods = fc.constantFrom("GET", "PUT", "DELETE", "PATCH", "POST");
  await fc.assert(
    fc.asyncProperty(methods, paths, async (method, parts) => {
      const path = `/v2/${parts.join("/")}`.replaceAll(/[\s#]/g, "-");
      const status = await rawStatus(port, `${method} ${path} HTTP/1.1`);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
  expect(errors).toEqual([]);
  expect((await readdir(join(dir, ".."))).filter((name) => name.startsWith("app"))).toEqual(
    before.filter((name) => name.startsWith("app")),
  );
  expect((await readdir(dir)).filter((name) => !/^(blobs|uploads|registry\.db.*)$/.test(name))).toEqual([]);
});

/** `fetch` would tidy the path up. */
async function rawStatus(port: number, line: string): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  socket.end(`${line}\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
  const [first]: unknown[] = await once(socket, "data");
  socket.destroy();
  return Number(String(first).split(" ")[1]);
}

test("what nobody uses is removed after a day, what is in use or new stays", async () => {
  const first = await startTestRegistry();
  const { dir, v2 } = first;
  const unused = Buffer.from("unused");
  await pushBlob(v2, "app", bytes);
  await pushBlob(v2, "app", unused);
  await putManifest(v2, "app", "1", manifestOf(digest));
  const upload = await begin(v2);
  await patch(upload, bytes.subarray(0, 10), 0);
  await first.close();
  // As if all of it had been written long ago.
  const { default: Database } = await import("better-sqlite3");
  const db = new Database(join(dir, "registry.db"));
  db.exec("update blobs set used_ms = 1000");
  db.close();
  const blobs = join(dir, "blobs", "sha256");
  for (const name of await readdir(blobs)) await utimes(join(blobs, name), 1, 1);
  for (const name of await readdir(join(dir, "uploads"))) await utimes(join(dir, "uploads", name), 1, 1);

  const second = await startTestRegistry({ dir });
  const young = await pushBlob(second.v2, "app", Buffer.from("young"));
  await expect.poll(() => readdir(join(dir, "uploads"))).toEqual([]);
  await expect
    .poll(async () => (await readdir(blobs)).sort())
    .toEqual([digest.slice(7), young.slice(7)].sort());
  expect((await fetch(`${second.v2}/app/manifests/1`)).status).toBe(200);
  expect((await fetch(`${second.v2}/app/blobs/${digest}`)).status).toBe(200);
  expect((await fetch(`${second.v2}/app/blobs/${digestOf(unused)}`)).status).toBe(404);
});

test("a blob that was deleted is gone from its repository only", async () => {
  const { v2 } = await startTestRegistry();
  await pushBlob(v2, "app", bytes);
  await pushBlob(v2, "other", bytes);
  expect((await fetch(`${v2}/app/blobs/${digest}`, { method: "DELETE" })).status).toBe(202);
  expect((await fetch(`${v2}/app/blobs/${digest}`)).status).toBe(404);
  expect((await fetch(`${v2}/other/blobs/${digest}`)).status).toBe(200);
});

test("a read-only registry gives and takes nothing", async () => {
  const { v2, dir, close } = await startTestRegistry();
  await pushBlob(v2, "app", bytes);
  await close();
  const readOnly = await startTestRegistry({ dir, readOnly: true });
  expect((await fetch(`${readOnly.v2}/app/blobs/${digest}`)).status).toBe(200);
  for (const method of ["PUT", "POST", "PATCH", "DELETE"]) {
    expect((await fetch(`${readOnly.v2}/app/blobs/${digest}`, { method })).status).toBe(405);
  }
});

test("with a password file, only its users with their passwords get in", async () => {
  const { dir } = await startTestRegistry();
  const file = join(dir, "users");
  await writeFile(file, `# who may\nada:${await bcrypt.hash("s3cret:x", 4)}\n`);
  const { v2 } = await startTestRegistry({ credentials: await readHtpasswd(file) });
  const ask = async (login?: string) => {
    const headers = login === undefined ? {} : { authorization: `Basic ${btoa(login)}` };
    return (await fetch(`${v2}/`, { headers })).status;
  };
  expect((await fetch(`${v2}/`)).headers.get("www-authenticate")).toMatch(/^Basic realm=/);
  expect([await ask(), await ask("ada:wrong"), await ask("bob:s3cret:x"), await ask("ada")]).toEqual([
    401, 401, 401, 401,
  ]);
  expect([await ask("ada:s3cret:x"), await ask("ada:s3cret:x"), await ask("ada:wrong")]).toEqual([
    200, 200, 401,
  ]);
});

test.each([
  ["ada:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "line 1"],
  ["", "no user"],
])("the password file %j is refused", async (text, reason) => {
  const { dir } = await startTestRegistry();
  const file = join(dir, "users");
  await writeFile(file, text);
  await expect(readHtpasswd(file)).rejects.toMatchObject({
    code: "HTPASSWD_INVALID",
    message: expect.stringContaining(reason),
  });
});

test("pages in a browser are kept out, under a name of their own too", async () => {
  const { v2, port } = await startTestRegistry();
  const from = await fetch(`${v2}/`, { headers: { origin: "https://evil.example" } });
  expect(from.status).toBe(403);
  const socket = connect(port, "127.0.0.1");
  socket.end("GET /v2/ HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n");
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 403 /);
});

test("a blob whose file is gone is not there, and comes back with the next push", async () => {
  const { v2, dir } = await startTestRegistry();
  await pushBlob(v2, "app", bytes);
  await rm(join(dir, "blobs", "sha256", digest.slice(7)));
  expect((await fetch(`${v2}/app/blobs/${digest}`)).status).toBe(404);
  await pushBlob(v2, "app", bytes);
  expect((await stat(join(dir, "blobs", "sha256", digest.slice(7)))).size).toBe(bytes.byteLength);
  expect((await fetch(`${v2}/app/blobs/${digest}`)).status).toBe(200);
});
