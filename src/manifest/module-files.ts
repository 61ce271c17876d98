/** Modules that a manifest names by a path: read beside the manifest, and sent in it. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf, systemCode } from "../errors.ts";
import type { Path, Problem } from "../model/manifest/check-schema.ts";
import type { Manifest } from "../model/manifest/kinds.ts";
import { withModules } from "../model/manifest/modules.ts";
import { chooseExport } from "./choose-export.ts";

/**
 * `manifest` with its modules in the place of their paths; one that several tasks run is in it once, and then by its digest.
 * @param folder what the paths are relative to
 */
export async function inlineModules(
  manifest: Manifest,
  folder: string,
): Promise<{ manifest: Manifest; problems: Problem[] }> {
  const paths = new Map<string, Path>();
  withModules(manifest, (source, path) => {
    if (source.file !== undefined) paths.set(source.file, [...path, "file"]);
    return source;
  });
  const modules = new Map<string, Buffer>();
  const problems: Problem[] = [];
  for (const [file, path] of paths) {
    const read = await readModule(resolve(folder, file));
    if (typeof read === "string") problems.push({ path, what: `${file} ${read}` });
    else modules.set(file, read);
  }
  const chosen = chooseExport(manifest, modules.get(fileOf(manifest)));
  if ("problem" in chosen) return { manifest, problems: [...problems, chosen.problem] };
  const sent = new Set<string>();
  const inlined = withModules(chosen.manifest, (source) => {
    const bytes = modules.get(source.file ?? "");
    if (bytes === undefined) return source;
    const moduleDigest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    if (sent.has(moduleDigest)) return { moduleDigest };
    sent.add(moduleDigest);
    return { module: bytes.toString("base64") };
  });
  return { manifest: inlined, problems };
}

function fileOf(manifest: Manifest): string {
  return manifest.kind === "Function" ? (manifest.spec.file ?? "") : "";
}

/** The bytes of a module, or why there are none. */
async function readModule(path: string): Promise<Buffer | string> {
  try {
    const bytes = await readFile(path);
    const isModule = bytes.subarray(0, 4).equals(Buffer.from([0, 0x61, 0x73, 0x6d]));
    return isModule ? bytes : "is not a WebAssembly module";
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined) throw cause;
    return code === "ENOENT" ? "is not there" : `cannot be read: ${messageOf(cause)}`;
  }
}
