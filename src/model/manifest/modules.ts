/** The modules that a manifest names, wherever they stand in it. */
import type { Path } from "./check-schema.ts";
import { defined } from "./defined.ts";
import type { Manifest } from "./kinds.ts";

/** Where one module comes from: one of them is given. */
export interface ModuleSource {
  imageUrl?: string;
  file?: string;
  module?: string;
  moduleDigest?: string;
}

/** `manifest` with each source replaced; the path is that of what runs the module. */
export function withModules(
  manifest: Manifest,
  replace: (source: ModuleSource, path: Path) => ModuleSource,
): Manifest {
  const replaced = <S extends ModuleSource>(
    { imageUrl, file, module, moduleDigest, ...rest }: S,
    path: Path,
  ) => ({
    ...rest,
    ...replace(defined({ imageUrl, file, module, moduleDigest }), path),
  });
  switch (manifest.kind) {
    case "Task":
      return { ...manifest, spec: replaced(manifest.spec, ["spec"]) };
    case "Function":
      return { ...manifest, spec: replaced(manifest.spec, ["spec"]) };
    case "Job": {
      const tasks = manifest.spec.tasks.map((task, index) => replaced(task, ["spec", "tasks", index]));
      return { ...manifest, spec: { ...manifest.spec, tasks } };
    }
    case "Workflow": {
      const tasks = manifest.spec.tasks.map((task, index) => replaced(task, ["spec", "tasks", index]));
      return { ...manifest, spec: { ...manifest.spec, tasks } };
    }
    case "Proplet":
      return manifest;
  }
}
