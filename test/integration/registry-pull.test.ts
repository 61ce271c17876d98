/** Our client of registries against one in this process, with what goes wrong, and against Debian's docker-registry. */
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOf } from "../../src/registry/digest.ts";
import { findDockerRegistry, startDockerRegistry } from "../support/docker-registry.ts";
import { freePort } from "../support/free-port.ts";
import { type OciRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { isBlob, MIB, moduleOf, pull, pullOptions, registryOfTest } from "../support/pulling.ts";
import { type Layout, layouts, pushBlob, pushManifest, pushModule, tarOf } from "../support/push-module.ts";

const module = moduleOf(200_000);
const digest = digestOf(module);
const manifestType = "application/vnd.oci.image.manifest.v1+json";
const dockerRegistry = findDockerRegistry();

let registry: OciRegistry;
beforeEach(async () => {
  registry = await startOciRegistry();
});
afterEach(() => registry.close());

describe.for<[string, () => Promise<{ url: string; host: string }>]>([
  ["a registry of the spec", () => registryOfTest()],
  ...(dockerRegistry === undefined
    ? []
    : [
        ["Debian's docker-registry", () => startDockerRegistry(dockerRegistry)] satisfies [
          string,
          () => Promise<{ url: string; host: string }>,
        ],
      ]),
])("%s", ([, start]) => {
  it.for(Object.keys(layouts) as Layout[])(
    "gives the module of an image of the layout %s",
    async (layout) => {
      const { url, host } = await start();
      const manifestDigest = await pushModule(url, "team/app:1.0", module, layout);
      const pulled = await pull(`${host}/team/app:1.0`);
      expect(pulled).toMatchObject({ digest, manifestDigest, reference: `${host}/team/app:1.0` });
      expect(Buffer.compare(pulled.bytes, module)).toBe(0);
      expect(await pull(`${host}/team/app@${manifestDigest}`)).toMatchObject({ digest, manifestDigest });
    },
  );

  it("gives the image of an index that is WebAssembly", async () => {
    const { url, host } = await start();
    const wasm = await pushModule(url, "app:one", module);
    const other = await pushModule(url, "app:two", Buffer.from("no module"), "plain");
    const sizes = [wasm, other].map((pushed) => ({ mediaType: manifestType, digest: pushed, size: 400 }));
    await pushManifest(url, "app", "all", {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [
        { ...sizes[1], platform: { os: "linux", architecture: "amd64" } },
        { ...sizes[0], platform: { os: "wasip1", architecture: "wasm" } },
      ],
    });
    expect(await pull(`${host}/app:all`)).toMatchObject({ digest });
  });

  it("says in its own words what is not there", async () => {
    const { url, host } = await start();
    await pushModule(url, "app:1", module);
    await expect(pull(`${host}/app:2`)).rejects.toMatchObject({
      code: "IMAGE_NOT_FOUND",
      message: expect.stringMatching(
        /app:2 is not in the registry 127\.0\.0\.1:\d+: MANIFEST_UNKNOWN: manifest unknown/,
      ),
    });
  });

  it("is asked in place of another one as its mirror", async () => {
    const { url } = await start();
    await pushModule(url, "app:1", module);
    const mirrored = pullOptions({}, [`registry.example.com=${url}`]);
    expect(await pull("registry.example.com/app:1", mirrored)).toMatchObject({ digest });
  });
});

describe("what a registry gives", () => {
  it("is refused with the digest it had where a byte of a layer is another one", async () => {
    await pushModule(registry.url, "app:1", module);
    registry.failOn((request) => (isBlob(request) ? { type: "flip" } : undefined));
    const flipped = Buffer.from(module);
    flipped[0] = 1;
    await expect(pull(`${registry.host}/app:1`)).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
      message: expect.stringContaining(`layer ${digest} is not ${digest}, but ${digestOf(flipped)}`),
    });
  });

  it("is refused where a manifest is not what its digest says", async () => {
    const manifestDigest = await pushModule(registry.url, "app:1", module);
    registry.failOn(({ path }) => (path.includes("/manifests/") ? { type: "flip" } : undefined));
    for (const which of [":1", `@${manifestDigest}`]) {
      await expect(pull(`${registry.host}/app${which}`)).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
    }
  });

  it("is refused where it is larger than allowed, before it is fetched, and where it unpacks to more", async () => {
    await pushModule(registry.url, "big:1", moduleOf(MIB + 1));
    await expect(pull(`${registry.host}/big:1`)).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
    expect(registry.requests.filter(({ method }) => method === "GET").some(isBlob)).toBe(false);
    const bomb = gzipSync(Buffer.alloc(64 * MIB));
    expect(bomb.byteLength).toBeLessThan(MIB);
    await pushModule(registry.url, "bomb:1", bomb);
    await expect(pull(`${registry.host}/bomb:1`)).rejects.toMatchObject({
      code: "IMAGE_INVALID",
      message: expect.stringContaining(`unpacks to more than ${MIB} bytes`),
    });
  });

  it("is cut off where a layer goes on past the size it has in the manifest", async () => {
    const blob = await pushBlob(registry.url, "app", module);
    await pushManifest(registry.url, "app", "1", {
      mediaType: manifestType,
      layers: [{ mediaType: "application/wasm", ...blob, size: 10 }],
    });
    await expect(pull(`${registry.host}/app:1`)).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
  });

  it.for([
    ["no module", Buffer.from("#!/bin/sh"), /is no WebAssembly module/],
    ["an archive with none", tarOf({ "a.txt": Buffer.from("a") }), /with no WebAssembly module in it/],
    [
      "an archive with two",
      tarOf({ "a.wasm": module, "b.wasm": module }),
      /has 2 WebAssembly modules in it: a\.wasm, b\.wasm/,
    ],
    ["an archive that ends too early", tarOf({ "a.wasm": module }).subarray(0, 2_000), /with no WebAssembly/],
    ["damaged gzip", gzipSync(module).subarray(0, 1_000), /is damaged gzip/],
  ] as const)("is refused in words where it is %s", async ([, bytes, reason]) => {
    await pushModule(registry.url, "app:1", bytes, "plain");
    await expect(pull(`${registry.host}/app:1`)).rejects.toMatchObject({
      code: "IMAGE_INVALID",
      message: expect.stringMatching(reason),
    });
  });

  it.for([
    ["a manifest that is not JSON", "{", /not JSON/],
    ["one of Docker's schema 1", '{"schemaVersion":1,"fsLayers":[]}', /schema 1/],
    ["one with no layers", '{"layers":[]}', /neither layers nor manifests/],
    [
      "a digest that is a path",
      '{"layers":[{"mediaType":"a","digest":"sha256:../../x","size":1}]}',
      /neither layers nor manifests/,
    ],
    [
      "an index of other machines",
      `{"manifests":[${["amd64", "arm64"].map((name) => `{"mediaType":"m","digest":"${digest}","size":1,"platform":{"os":"linux","architecture":"${name}"}}`).join()}]}`,
      /no WebAssembly, only linux\/amd64, linux\/arm64/,
    ],
  ] as const)("is refused in words where it is %s", async ([, body, reason]) => {
    registry.failOn(() => ({ type: "answer", status: 200, body }));
    await expect(pull(`${registry.host}/app:1`)).rejects.toMatchObject({
      code: "IMAGE_INVALID",
      message: expect.stringMatching(reason),
    });
  });
});

describe("a registry in trouble", () => {
  it("is asked again when it says so, after an overload and after a transfer that broke", async () => {
    await pushModule(registry.url, "app:1", module);
    const faults = [
      { type: "answer", status: 429, headers: { "retry-after": "0" } },
      { type: "answer", status: 503 },
      { type: "truncate" },
    ] as const;
    let met = 0;
    const patient = pullOptions({ tries: 4 });
    registry.failOn((request) => (isBlob(request) ? faults[met++] : undefined));
    expect(await pull(`${registry.host}/app:1`, patient)).toMatchObject({ digest });
    expect(met).toBe(4);
  });

  it("waits as long as Retry-After asks, and no attempt more is made than allowed", async () => {
    registry.failOn(() => ({ type: "answer", status: 429, headers: { "retry-after": "0.2" } }));
    const started = performance.now();
    await expect(pull(`${registry.host}/app:1`, pullOptions({ tries: 3 }))).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      message: expect.stringContaining("it answers status 429"),
    });
    expect(performance.now() - started).toBeGreaterThan(390);
    expect(registry.requests).toHaveLength(3);
  });

  it("that says nothing any more is given up", async () => {
    await pushModule(registry.url, "app:1", module);
    registry.failOn((request) => (isBlob(request) ? { type: "hang" } : undefined));
    await expect(
      pull(`${registry.host}/app:1`, pullOptions({ silenceMs: 50, tries: 2 })),
    ).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      message: expect.stringContaining("nothing came for 0.05 s"),
    });
  });

  it("that isn't there is named with the reason", async () => {
    const port = await freePort();
    await expect(pull(`127.0.0.1:${port}/app:1`)).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      message: expect.stringMatching(
        /127\.0\.0\.1:\d+\/app:1: the registry .* can't be asked: .*ECONNREFUSED/,
      ),
    });
  });

  it("is let go at once when whoever asked does not want it any more", async () => {
    registry.failOn(() => ({ type: "answer", status: 429, headers: { "retry-after": "30" } }));
    const controller = new AbortController();
    const pulled = pull(`${registry.host}/app:1`, { ...pullOptions(), signal: controller.signal });
    await expect.poll(() => registry.requests.length).toBe(1);
    controller.abort(new Error("enough"));
    await expect(pulled).rejects.toThrow();
  });
});
