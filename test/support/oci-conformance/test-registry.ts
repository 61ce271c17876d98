/** Our registry in this process, for a test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { digestOf } from "../../../src/registry/digest.ts";
import { type RegistryOptions, startRegistry } from "../../../src/registry/server/registry.ts";

/** Starts one that ends with the test. What it logs as an error fails no request by itself: it is in `errors`. */
export async function startTestRegistry(options: Partial<RegistryOptions> = {}) {
  const dir = options.dir ?? (await newDir());
  const errors: string[] = [];
  const log = { info: () => undefined, error: (message: string) => void errors.push(message) };
  const registry = await startRegistry({ dir, host: "127.0.0.1", port: 0, log, ...options });
  onTestFinished(() => registry.close());
  return { ...registry, dir, errors, v2: `${registry.url}/v2` };
}

async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "prop-registry-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Pushes a blob in one request. */
export async function pushBlob(
  v2: string,
  repository: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const digest = digestOf(bytes);
  const { status } = await fetch(`${v2}/${repository}/blobs/uploads/?digest=${digest}`, {
    method: "POST",
    body: bytes,
  });
  if (status !== 201) throw new Error(`the blob was answered with ${status}`);
  return digest;
}

export const IMAGE_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** A manifest of one blob, which is its configuration and its only layer. */
export function manifestOf(digest: string, more: Record<string, unknown> = {}): string {
  const descriptor = { mediaType: "application/wasm", digest, size: 1 };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE_TYPE,
    config: descriptor,
    layers: [descriptor],
    ...more,
  });
}

/** Puts a manifest under a tag or a digest. */
export function putManifest(
  v2: string,
  repository: string,
  reference: string,
  body: string,
): Promise<Response> {
  return fetch(`${v2}/${repository}/manifests/${reference}`, {
    method: "PUT",
    headers: { "content-type": IMAGE_TYPE },
    body,
  });
}
