/** An image of a module: the layout of the CNCF's Wasm OCI artifact, the same bytes for the same module. Pure. */
import type { Blob } from "./client/blob.ts";
import { blobOf } from "./client/blob.ts";
import type { Artifact } from "./client/push.ts";
import { digestOf } from "./digest.ts";

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
export const WASM_CONFIG_TYPE = "application/vnd.wasm.config.v0+json";
export const WASM_LAYER_TYPE = "application/wasm";

export interface WasmImage {
  module: Blob;
  kind: "core" | "component";
  /** Names of what it exports, and imports. */
  exports: readonly string[];
  imports: readonly string[];
  name: string;
  version?: string;
  /** Where its source is. */
  source?: string;
  /** RFC 3339; left out, the same module makes the same image whenever it is pushed. */
  created?: string;
  /** More of these, and in the place of those made of the above. */
  annotations?: Readonly<Record<string, string>>;
}

/** https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/ */
export function wasmArtifact(image: WasmImage): Artifact {
  const { module, kind, created, exports, imports } = image;
  const config = Buffer.from(
    JSON.stringify({
      // Readers of the layout want one, and the beginning of time is what reproducible builds write.
      created: created ?? "1970-01-01T00:00:00Z",
      architecture: "wasm",
      os: kind === "component" ? "wasip2" : "wasip1",
      layerDigests: [module.digest],
      ...(kind === "component" ? { component: { exports, imports } } : {}),
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: WASM_CONFIG_TYPE,
    config: { mediaType: WASM_CONFIG_TYPE, digest: digestOf(config), size: config.byteLength },
    layers: [{ mediaType: WASM_LAYER_TYPE, digest: module.digest, size: module.sizeBytes }],
    annotations: annotationsOf(image),
  };
  return {
    mediaType: MANIFEST_TYPE,
    manifest: Buffer.from(JSON.stringify(manifest)),
    blobs: [blobOf(config), module],
  };
}

function annotationsOf({ name, version, source, created, kind, exports, annotations }: WasmImage) {
  const image = "org.opencontainers.image";
  const own = "fr.absmach.propeller";
  return {
    [`${image}.title`]: name,
    ...(version === undefined ? {} : { [`${image}.version`]: version }),
    ...(source === undefined ? {} : { [`${image}.source`]: source }),
    ...(created === undefined ? {} : { [`${image}.created`]: created }),
    [`${own}.world`]: kind === "component" ? "wasip2" : "wasip1",
    [`${own}.exports`]: exports.join(","),
    ...annotations,
  };
}
