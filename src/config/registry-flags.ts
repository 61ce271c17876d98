/** The flags on registries that `prop dev` and `prop manager` share. */
import { Flags } from "@oclif/core";
import type { Environment } from "./user-dirs.ts";

export const registryFlags = {
  "registry-mirror": Flags.string({
    description:
      "Ask this server in place of a registry: registry.example.com=http://127.0.0.1:5000; may be given again (default: PROP_REGISTRY_MIRRORS, separated by commas).",
    multiple: true,
    multipleNonGreedy: true,
  }),
};

/** The mirrors that flags give, else those of the environment. */
export function mirrorEntries(given: readonly string[] | undefined, env: Environment): string[] {
  if (given !== undefined) return [...given];
  const entries = (env.PROP_REGISTRY_MIRRORS ?? "").split(",").map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "");
}

/** Of a manager that may leave the images of registries to a proxy on its channel. */
export const pullFlags = {
  "pull-images": Flags.boolean({
    description:
      "Bring proplets the images of registries, where no proxy on the channel does; PROXY_REGISTRY_URL and the variables beside it are the login.",
    env: "MANAGER_PULL_IMAGES",
  }),
  ...registryFlags,
};

/** What those say, for `serveManager`. */
export function imagesFrom(
  flags: { "pull-images"?: boolean; "registry-mirror"?: string[] | undefined },
  env: Environment,
): { images?: { mirrors: string[]; env: Environment } } {
  if (!flags["pull-images"]) return {};
  return { images: { mirrors: mirrorEntries(flags["registry-mirror"], env), env } };
}
