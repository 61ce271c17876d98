/** Manifests of images: which of an index is meant, and which layer of it is the module (image spec 1.1; CNCF Wasm OCI artifact). */
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";

const Descriptor = Type.Object({
  mediaType: Type.String(),
  digest: Type.String({ pattern: "^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$" }),
  size: Type.Integer({ minimum: 0 }),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
  platform: Type.Optional(
    Type.Object({ architecture: Type.Optional(Type.String()), os: Type.Optional(Type.String()) }),
  ),
});
export type Descriptor = Static<typeof Descriptor>;

const image = Compile(
  Type.Object({
    mediaType: Type.Optional(Type.String()),
    config: Type.Optional(Type.Object({ mediaType: Type.Optional(Type.String()) })),
    layers: Type.Array(Descriptor, { minItems: 1 }),
    annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
  }),
);
const index = Compile(
  Type.Object({
    mediaType: Type.Optional(Type.String()),
    manifests: Type.Array(Descriptor, { minItems: 1 }),
  }),
);

export type Manifest =
  | { type: "image"; layers: Descriptor[]; annotations: Record<string, string> }
  | { type: "index"; manifests: Descriptor[] }
  | { type: "malformed"; reason: string };

/** What a registry is asked for: the manifests that `parseManifest` reads. */
export const MANIFEST_TYPES = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");

export function parseManifest(bytes: Uint8Array): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return { type: "malformed", reason: "its manifest is not JSON" };
  }
  if (image.Check(value))
    return { type: "image", layers: value.layers, annotations: value.annotations ?? {} };
  if (index.Check(value)) return { type: "index", manifests: value.manifests };
  const isOld = value !== null && typeof value === "object" && "fsLayers" in value;
  const reason = isOld
    ? "is of Docker's schema 1, which nobody should use"
    : "has neither layers nor manifests";
  return { type: "malformed", reason: `its manifest ${reason}` };
}

/** The image of an index that is WebAssembly, or the only one there is; undefined where that can't be said. */
export function chooseManifest(manifests: readonly Descriptor[]): Descriptor | undefined {
  const isAttestation = ({ annotations }: Descriptor) =>
    annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
  const images = manifests.filter((descriptor) => !isAttestation(descriptor));
  const isWasm = ({ platform }: Descriptor) =>
    platform?.architecture?.startsWith("wasm") === true || platform?.os?.startsWith("wasi") === true;
  return images.find(isWasm) ?? (images.length === 1 ? images[0] : undefined);
}

/** The platforms of an index, for people. */
export function platformsText(manifests: readonly Descriptor[]): string {
  const names = manifests.map(({ platform }) => `${platform?.os ?? "?"}/${platform?.architecture ?? "?"}`);
  return [...new Set(names)].join(", ");
}

/** Layers that are a module as they stand: of the CNCF's layout, of wasm-to-oci and Spin, of wasmCloud. */
const MODULE_TYPES = [
  "application/wasm",
  "application/vnd.wasm.content.layer.v1+wasm",
  "application/vnd.module.wasm.content.layer.v1+wasm",
];

/** The layer that is the module: one whose type says so, else the largest, as the proxy of existing installations has it. */
export function chooseLayer(layers: readonly Descriptor[]): Descriptor | undefined {
  const typed = layers.filter(({ mediaType }) =>
    MODULE_TYPES.includes(mediaType.replace(/;.*$|\+(gzip|zstd)$/, "")),
  );
  return largest(typed) ?? largest(layers);
}

function largest(layers: readonly Descriptor[]): Descriptor | undefined {
  return layers.reduce<Descriptor | undefined>(
    (most, layer) => (most === undefined || layer.size > most.size ? layer : most),
    undefined,
  );
}
