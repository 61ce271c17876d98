/** A source of images: one pull for many, tags that move, modules that are gone from the disk. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createImageSource } from "../../src/registry/client/image-source.ts";
import { digestOf } from "../../src/registry/digest.ts";
import { createContentStore } from "../../src/registry/store/content-store.ts";
import { freePort } from "../support/free-port.ts";
import type { OciRegistry } from "../support/oci-registry.ts";
import { MIB, moduleOf, pullOptions, registryOfTest } from "../support/pulling.ts";
import { pushModule } from "../support/push-module.ts";

const module = moduleOf(200_000);
const digest = digestOf(module);

let registry: OciRegistry;
beforeEach(async () => {
  registry = await registryOfTest();
});

describe("a source of images", () => {
  const warnings: string[] = [];
  const createSource = async () => {
    const dir = await mkdtemp(join(tmpdir(), "prop-images-"));
    onTestFinished(() => rm(dir, { recursive: true }));
    const { ask, mirrors } = pullOptions();
    const log = { warn: (message: string) => void warnings.push(message) };
    const source = createImageSource({ ask, mirrors, log, store: createContentStore(dir), maxBytes: MIB });
    onTestFinished(() => source.close());
    return { source, dir };
  };

  it("pulls once for all who ask at once, and not again while a tag stands for the same", async () => {
    const pushed = await pushModule(registry.url, "app:1", module);
    registry.requests.length = 0;
    const { source } = await createSource();
    const reference = `${registry.host}/app:1`;
    const images = await Promise.all(Array.from({ length: 50 }, () => source.resolve(reference)));
    const image = { digest, sizeBytes: module.byteLength, pinned: `${registry.host}/app@${pushed}` };
    expect(images).toEqual(Array.from({ length: 50 }, () => image));
    expect(registry.requests).toHaveLength(2);
    expect(await source.resolve(reference)).toEqual(image);
    expect(registry.requests.slice(2).map(({ method }) => method)).toEqual(["HEAD"]);
  });

  it("sees that a tag stands for another module now", async () => {
    await pushModule(registry.url, "app:1", module);
    const { source } = await createSource();
    const first = await source.resolve(`${registry.host}/app:1`);
    const next = moduleOf(1_000);
    await pushModule(registry.url, "app:1", next);
    expect(await source.resolve(`${registry.host}/app:1`)).toMatchObject({ digest: digestOf(next) });
    expect(Buffer.compare(await source.bytes(first.digest, first.pinned), module)).toBe(0);
  });

  it("does not take a tag for what it was while nobody can say, nor once it is gone", async () => {
    await pushModule(registry.url, "app:1", module);
    const { source } = await createSource();
    const reference = `${registry.host}/app:1`;
    await source.resolve(reference);
    registry.requests.length = 0;
    registry.failOn(() => ({ type: "answer", status: 503 }));
    await expect(source.resolve(reference)).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(new Set(registry.requests.map(({ method }) => method))).toEqual(new Set(["HEAD"]));
    registry.failOn(() => undefined);
    registry.manifests.clear();
    await expect(source.resolve(reference)).rejects.toMatchObject({
      code: "IMAGE_NOT_FOUND",
      message: expect.stringContaining("MANIFEST_UNKNOWN: manifest unknown"),
    });
  });

  it("pulls a module again that it has no more, as it was found then", async () => {
    await pushModule(registry.url, "app:1", module);
    const { source, dir } = await createSource();
    const image = await source.resolve(`${registry.host}/app:1`);
    await pushModule(registry.url, "app:1", moduleOf(1_000));
    await rm(join(dir, "sha256"), { recursive: true });
    expect(digestOf(await source.bytes(image.digest, image.pinned))).toBe(digest);
    await expect(source.bytes(digestOf(Buffer.from("x")), image.pinned)).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
    });
    expect(warnings).toEqual([]);
  });

  it("speaks of a server that is no registry in words", async () => {
    const server = createServer((_, response) => response.writeHead(404).end("<html>"));
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { source } = await createSource();
    await expect(source.resolve(`127.0.0.1:${port}/app`)).rejects.toMatchObject({
      code: "IMAGE_NOT_FOUND",
      message: expect.stringContaining("status 404"),
    });
  });
});
