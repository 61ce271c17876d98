/** The exported function that a Function calls, where its manifest names the module by a path and leaves the function open. */
import { parseModule } from "../engine/module-info.ts";
import { PropError } from "../errors.ts";
import { chooseEntry } from "../function/entry.ts";
import type { Problem } from "../model/manifest/check-schema.ts";
import type { Manifest } from "../model/manifest/kinds.ts";

export type Chosen = { manifest: Manifest } | { problem: Problem };

/** As `prop deploy` chooses; what says it by itself, and every other kind, stays as it is. */
export function chooseExport(manifest: Manifest, module: Uint8Array | undefined): Chosen {
  if (manifest.kind !== "Function" || module === undefined) return { manifest };
  const { export: asked, cliArgs, file = "" } = manifest.spec;
  if (cliArgs !== undefined) return { manifest };
  try {
    const { info } = parseModule(module);
    if (info.kind === "component") return { manifest };
    return { manifest: { ...manifest, spec: { ...manifest.spec, export: chooseEntry(info, asked, file) } } };
  } catch (error) {
    if (!(error instanceof PropError)) throw error;
    return { problem: { path: ["spec", asked === undefined ? "file" : "export"], what: whyNot(error) } };
  }
}

function whyNot({ code, message, hint }: PropError): string {
  if (code === "FUNCTION_AMBIGUOUS") return `${message}: name one of them as export`;
  return hint === undefined ? message : `${message}. ${hint}`;
}
