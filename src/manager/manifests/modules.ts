/** The modules of a manifest: kept by their digests, in its record as in the store. */
import { PropError } from "../../errors.ts";
import type { Manifest } from "../../model/manifest/kinds.ts";
import { type ModuleSource, withModules } from "../../model/manifest/modules.ts";
import { decodeBase64, encodeBase64 } from "../../protocol/base64.ts";
import type { Store } from "../../store/store.ts";
import { moduleOf } from "../tasks/read-module.ts";

/** Modules that came inline, in standard base64, by digest. */
export type InlineModules = Map<string, string>;

/**
 * `manifest` with each inline module replaced by its digest.
 * @throws PropError `MANIFEST_INVALID` for a path, `MODULE_INVALID`
 */
export function takeModules(manifest: Manifest): { manifest: Manifest; inline: InlineModules } {
  const inline: InlineModules = new Map();
  const digests = new Map<string, string>();
  const taken = withModules(manifest, (source) => {
    const { file, module } = source;
    if (file !== undefined) throw pathRefused(file);
    if (module === undefined) return source;
    const moduleDigest = digests.get(module) ?? digestOf(module);
    digests.set(module, moduleDigest);
    inline.set(moduleDigest, module);
    return { moduleDigest };
  });
  return { manifest: taken, inline };
}

export type FileReader = (source: ModuleSource) => Promise<{ file?: string }>;

/** Reads modules for tasks: what came inline, or what the store has. @throws PropError `MODULE_INVALID` */
export function fileReader(store: Store, inline: InlineModules): FileReader {
  const read = new Map(inline);
  return async ({ moduleDigest: digest }) => {
    if (digest === undefined) return {};
    const known = read.get(digest);
    if (known !== undefined) return { file: known };
    const bytes = await store.module(digest);
    if (bytes === undefined) throw notHere(digest);
    const file = encodeBase64(bytes);
    read.set(digest, file);
    return { file };
  };
}

function digestOf(module: string): string {
  const bytes = decodeBase64(module);
  if (bytes === undefined)
    throw new PropError({ code: "MODULE_INVALID", message: "a module is not in base64" });
  return moduleOf(bytes).module.digest;
}

function pathRefused(path: string): PropError {
  return new PropError({
    code: "MANIFEST_INVALID",
    message: `file "${path}" is a path on another machine`,
    hint: "Send the bytes of the module in base64 as module, as prop apply does.",
  });
}

function notHere(digest: string): PropError {
  return new PropError({
    code: "MODULE_INVALID",
    message: `module ${digest} is not at this manager`,
    hint: "Name it by imageUrl or file.",
  });
}
