/** What of a project, or of a module file, goes into an image. */

import { basename } from "node:path";
import type { ModuleInfo } from "../engine/engine.ts";
import { parseModule } from "../engine/module-info.ts";
import { PropError } from "../errors.ts";
import { type BuildOptions, buildProject } from "./build.ts";
import { readModuleFile } from "./deploy.ts";
import { loadProject } from "./load-project.ts";

export interface Publication {
  name: string;
  path: string;
  info: ModuleInfo;
}

/**
 * A project is built first; a `.wasm` file is taken as it is.
 * @throws PropError those of `loadProject`, `buildProject` and `readModuleFile`
 */
export async function preparePublication(source: string, options: BuildOptions): Promise<Publication> {
  if (source.endsWith(".wasm")) {
    const { info } = parseModule(await readModuleFile(source));
    return { name: basename(source, ".wasm"), path: source, info };
  }
  const project = await loadProject(source);
  const { path, info } = await buildProject(project, options);
  return { name: project.name, path, info };
}

/**
 * When an image says that it was made: never the time of the clock, so that the same module makes the same image.
 * @param epoch seconds since 1970, as reproducible builds have it in `SOURCE_DATE_EPOCH`
 * @throws PropError `CONFIG_INVALID`
 */
export function sourceDate(epoch: string | undefined): string | undefined {
  if (epoch === undefined || epoch === "") return undefined;
  const date = new Date(/^\d{1,12}$/.test(epoch) ? Number(epoch) * 1_000 : Number.NaN);
  if (!Number.isNaN(date.getTime())) return date.toISOString().replace(".000Z", "Z");
  throw new PropError({
    code: "CONFIG_INVALID",
    message: `SOURCE_DATE_EPOCH is no number of seconds since 1970: ${epoch}`,
    exitCode: 2,
  });
}
