/** Pushes modules to a registry, in each of the layouts that images of them have. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { digestOf } from "../../src/registry/digest.ts";

/** How a module lies in an image. */
export type Layout = keyof typeof layouts;

export const layouts = {
  /** CNCF Wasm OCI artifact, as prop and wkg push it. */
  cncf: { config: "application/vnd.wasm.config.v0+json", layer: "application/wasm" },
  /** wasm-to-oci. */
  content: {
    config: "application/vnd.wasm.config.v1+json",
    layer: "application/vnd.wasm.content.layer.v1+wasm",
  },
  spin: {
    config: "application/vnd.fermyon.spin.application.v1+config",
    layer: "application/vnd.wasm.content.layer.v1+wasm",
  },
  wasmcloud: {
    config: "application/vnd.wasmcloud.actor.archive.config",
    layer: "application/vnd.module.wasm.content.layer.v1+wasm",
  },
  /** As the proxy of existing installations takes it: a layer of any type. */
  plain: { config: "application/vnd.oci.empty.v1+json", layer: "application/octet-stream" },
  zstd: { config: "application/vnd.oci.image.config.v1+json", layer: "application/wasm+zstd" },
  gzip: { config: "application/vnd.oci.image.config.v1+json", layer: "application/wasm+gzip" },
  /** `docker build FROM scratch; COPY app.wasm /`. */
  docker: {
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
} as const;

/**
 * Pushes a module to the registry at `url` as `repository:tag`, as any client does.
 * @returns the digest of the manifest
 */
export async function pushModule(
  url: string,
  reference: string,
  bytes: Uint8Array,
  layout: Layout = "cncf",
): Promise<string> {
  const [repository = "", tag = "latest"] = reference.split(":");
  const types = layouts[layout];
  const config = await pushBlob(url, repository, Buffer.from("{}"));
  const layer = await pushBlob(url, repository, packed(bytes, layout));
  const type =
    layout === "docker"
      ? "application/vnd.docker.distribution.manifest.v2+json"
      : "application/vnd.oci.image.manifest.v1+json";
  return pushManifest(url, repository, tag, {
    schemaVersion: 2,
    mediaType: type,
    config: { mediaType: types.config, ...config },
    layers: [{ mediaType: types.layer, ...layer }],
  });
}

/** Pushes bytes as a blob. @returns what a descriptor says of them */
export async function pushBlob(url: string, repository: string, bytes: Uint8Array) {
  const digest = digestOf(bytes);
  const started = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const location = new URL(started.headers.get("location") ?? "", url);
  location.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream" };
  await expectCreated(await fetch(location, { method: "PUT", body: Buffer.from(bytes), headers }));
  return { digest, size: bytes.byteLength };
}

export async function pushManifest(
  url: string,
  repository: string,
  tag: string,
  manifest: { mediaType: string; [field: string]: unknown },
): Promise<string> {
  const body = JSON.stringify(manifest);
  const headers = { "content-type": manifest.mediaType };
  const where = `${url}/v2/${repository}/manifests/${tag}`;
  await expectCreated(await fetch(where, { method: "PUT", body, headers }));
  return digestOf(Buffer.from(body));
}

async function expectCreated(response: Response): Promise<void> {
  const text = await response.text();
  if (response.status !== 201) throw new Error(`${response.url}: ${response.status} ${text}`);
}

function packed(bytes: Uint8Array, layout: Layout): Uint8Array {
  if (layout === "gzip") return gzipSync(bytes);
  if (layout === "zstd") return zstdCompressSync(bytes);
  return layout === "docker"
    ? gzipSync(tarOf({ "app.wasm": bytes, "etc/readme": Buffer.from("hi") }))
    : bytes;
}

/** A tar archive (ustar) of files by their name. */
export function tarOf(files: Record<string, Uint8Array>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write(`${content.byteLength.toString(8).padStart(11, "0")}\0`, 124);
    header.write("0", 156);
    header.write("ustar\u000000", 257);
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.byteLength % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
