/** The flags on registries that `prop dev` and `prop manager` share. */
import { Flags } from "@oclif/core";
import type { Environment } from "./user-dirs.ts";

const group = { helpGroup: "REGISTRY" };

const mirrorFlag = (dependsOn: string[]) =>
  Flags.string({
    description:
      "Ask this server in place of a registry: registry.example.com=http://127.0.0.1:5000; may be given again (default: PROP_REGISTRY_MIRRORS, separated by commas).",
    multiple: true,
    multipleNonGreedy: true,
    dependsOn,
    ...group,
  });

export const registryFlags = { "registry-mirror": mirrorFlag([]) };

/** The mirrors that flags give, else those of the environment. */
export function mirrorEntries(given: readonly string[] | undefined, env: Environment): string[] {
  return given === undefined ? listed(env.PROP_REGISTRY_MIRRORS) : [...given];
}

function listed(text = ""): string[] {
  const entries = text.split(",").map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "");
}

/** Of a manager that may leave the images of registries to a proxy on its channel. */
export const pullFlags = {
  "pull-images": Flags.boolean({
    description:
      "Bring proplets the images of registries, where no proxy on the channel does; PROXY_REGISTRY_URL and the variables beside it are the login.",
    env: "MANAGER_PULL_IMAGES",
    ...group,
  }),
  "registry-mirror": mirrorFlag(["pull-images"]),
  "registry-allow": Flags.string({
    description:
      "A registry that may be asked though it is on this machine or in a network of its own: registry.internal, 10.0.0.5:5000; may be given again (default: MANAGER_REGISTRY_ALLOW, separated by commas). Mirrors, and the registry of the login, need no naming.",
    multiple: true,
    multipleNonGreedy: true,
    dependsOn: ["pull-images"],
    ...group,
  }),
};

/** What those say, for `serveManager`. */
export function imagesFrom(
  flags: {
    "pull-images"?: boolean;
    "registry-mirror"?: string[] | undefined;
    "registry-allow"?: string[] | undefined;
  },
  env: Environment,
): { images?: { mirrors: string[]; env: Environment; allowed: string[] } } {
  if (!flags["pull-images"]) return {};
  const mirrors = mirrorEntries(flags["registry-mirror"], env);
  const allowed = flags["registry-allow"] ?? listed(env.MANAGER_REGISTRY_ALLOW);
  return { images: { mirrors, env, allowed } };
}
