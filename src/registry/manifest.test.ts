import { anything, assert, property } from "fast-check";
import { expect, it } from "vitest";
import { chooseLayer, chooseManifest, type Descriptor, parseManifest } from "./manifest.ts";

const descriptor = (mediaType: string, size = 10, more: Partial<Descriptor> = {}): Descriptor => ({
  mediaType,
  size,
  digest: `sha256:${size.toString(16).padStart(64, "0")}`,
  ...more,
});

it.each([
  ["application/wasm"],
  ["application/vnd.wasm.content.layer.v1+wasm"],
  ["application/vnd.module.wasm.content.layer.v1+wasm"],
  ["application/wasm+gzip"],
])("a layer of the type %s is the module, however large the others are", (mediaType) => {
  const module = descriptor(mediaType);
  expect(chooseLayer([descriptor("application/octet-stream", 99), module])).toBe(module);
});

it("where no type says so the largest layer is the module, and the largest of several that say so", () => {
  const large = descriptor("application/vnd.oci.image.layer.v1.tar+gzip", 99);
  expect(chooseLayer([descriptor("text/plain"), large])).toBe(large);
  const module = descriptor("application/wasm", 20);
  expect(chooseLayer([large, descriptor("application/wasm", 10), module])).toBe(module);
});

it("of an index it is the image for WebAssembly, else the only one; what attests to one is none", () => {
  const linux = descriptor("m", 1, { platform: { os: "linux", architecture: "amd64" } });
  const arm = descriptor("m", 2, { platform: { os: "linux", architecture: "arm64" } });
  const wasm = descriptor("m", 3, { platform: { os: "wasip1", architecture: "wasm" } });
  const attests = descriptor("m", 4, {
    annotations: { "vnd.docker.reference.type": "attestation-manifest" },
  });
  expect(chooseManifest([linux, wasm, attests])).toBe(wasm);
  expect(chooseManifest([linux, attests])).toBe(linux);
  expect(chooseManifest([linux, arm])).toBeUndefined();
});

it("whatever JSON there is, it is a manifest or a reason", () => {
  const all = property(anything(), (value) => {
    const parsed = parseManifest(Buffer.from(JSON.stringify(value) ?? ""));
    expect(["image", "index", "malformed"]).toContain(parsed.type);
  });
  assert(all, { numRuns: 500 });
});
