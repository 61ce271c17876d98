/** The tags of a repository, page by page (OCI distribution spec 1.1, "Listing Tags"). */
import Type from "typebox";
import { Compile } from "typebox/compile";
import { PropError } from "../../errors.ts";
import { endpointOf } from "./endpoint.ts";
import type { RegistryClient } from "./open-client.ts";

const validator = Compile(Type.Object({ tags: Type.Union([Type.Array(Type.String()), Type.Null()]) }));
const PAGE_BYTES = 4 * 1_048_576;
/** A registry may not send us round for ever. */
const MOST_PAGES = 10_000;

/** @throws PropError `IMAGE_NOT_FOUND`, `REGISTRY_REFUSED`, and those of `AskRegistry` */
export async function listTags(
  { registry, repository }: { registry: string; repository: string },
  { ask, mirrors, signal }: RegistryClient & { signal: AbortSignal },
): Promise<string[]> {
  const endpoint = endpointOf(registry, mirrors);
  const image = `${registry}/${repository}`;
  const tags = new Set<string>();
  let path: string | URL | undefined = "tags/list";
  for (let page = 0; path !== undefined && page < MOST_PAGES; page++) {
    const { headers, bytes } = await ask({ endpoint, repository, image, signal, path, maxBytes: PAGE_BYTES });
    const list: unknown = parse(bytes);
    if (!validator.Check(list)) {
      throw new PropError({
        code: "REGISTRY_REFUSED",
        message: `${image}: what the registry sends is no list of tags`,
      });
    }
    for (const tag of list.tags ?? []) tags.add(tag);
    path = nextPage(headers.get("link"), new URL(`/v2/${repository}/tags/list`, endpoint.origin));
  }
  // Not every registry sorts them.
  return [...tags].sort();
}

/** `<…>; rel="next"`, at the same registry alone. */
function nextPage(link: string | null, base: URL): URL | undefined {
  const [, target] = /<([^>]*)>\s*;[^,]*rel="?next"?/.exec(link ?? "") ?? [];
  const url = target === undefined ? null : URL.parse(target, base);
  return url?.origin === base.origin ? url : undefined;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
