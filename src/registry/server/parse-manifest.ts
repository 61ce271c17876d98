/** What a registry must know of a manifest that it keeps: what it needs, what it is about, what kind it says it is. */
import Type from "typebox";
import { Compile } from "typebox/compile";
import { parseDigest } from "../store/blob-path.ts";
import { Refusal } from "./refusal.ts";

export interface ParsedManifest {
  mediaType: string;
  /** Digests of configuration and layers. */
  blobs: string[];
  /** The manifest that it refers to, which need not be there. */
  subject?: string;
  artifactType?: string;
  annotations?: Record<string, string>;
}

const Descriptor = Type.Object({
  mediaType: Type.Optional(Type.String()),
  digest: Type.String(),
  urls: Type.Optional(Type.Array(Type.String())),
});
const manifestSchema = Compile(
  Type.Object({
    mediaType: Type.Optional(Type.String()),
    artifactType: Type.Optional(Type.String()),
    config: Type.Optional(Descriptor),
    layers: Type.Optional(Type.Array(Descriptor)),
    blobs: Type.Optional(Type.Array(Descriptor)),
    manifests: Type.Optional(Type.Array(Descriptor)),
    subject: Type.Optional(Type.Union([Descriptor, Type.Null()])),
    annotations: Type.Optional(Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()])),
  }),
);

/**
 * Reads a manifest of any type (distribution spec 1.1, "Pushing Manifests"). Manifests that an index lists need not be
 * there: images of one platform are copied by themselves.
 * @param contentType as the client said
 * @throws Refusal `MANIFEST_INVALID`
 */
export function parseManifest(bytes: Uint8Array, contentType: string | undefined): ParsedManifest {
  const value = parseJson(bytes);
  if (!manifestSchema.Check(value))
    throw invalid("the manifest is not an object with descriptors where they belong");
  const said = contentType?.split(";")[0]?.trim();
  const mediaType = said ?? value.mediaType;
  if (mediaType === undefined) throw invalid("neither Content-Type nor mediaType says what the manifest is");
  if (value.mediaType !== undefined && value.mediaType !== mediaType) {
    throw invalid(`the manifest is ${value.mediaType}, but came as ${mediaType}`);
  }
  const { config, layers = [], blobs = [], manifests = [], subject, annotations } = value;
  const needed = [...(config === undefined ? [] : [config]), ...layers, ...blobs];
  const all = [...needed, ...manifests, ...(subject ? [subject] : [])];
  const wrong = all.find(({ digest }) => parseDigest(digest) === undefined);
  if (wrong !== undefined)
    throw invalid(`the manifest names ${JSON.stringify(wrong.digest)}, which is no digest`);
  const artifactType = value.artifactType || config?.mediaType;
  return {
    mediaType,
    blobs: needed.filter((descriptor) => !isElsewhere(descriptor)).map(({ digest }) => digest),
    ...(subject ? { subject: subject.digest } : {}),
    ...(artifactType ? { artifactType } : {}),
    ...(annotations ? { annotations } : {}),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalid("the manifest is not JSON");
  }
}

/** Layers that nobody may distribute lie where their URLs say. */
function isElsewhere({ mediaType = "", urls = [] }: { mediaType?: string; urls?: string[] }): boolean {
  return urls.length > 0 || /nondistributable|\.foreign\./.test(mediaType);
}

function invalid(message: string): Refusal {
  return new Refusal({ code: "MANIFEST_INVALID", message });
}
