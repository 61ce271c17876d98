/** The flags on registries that `prop dev` and `prop manager` share. */
import { Flags } from "@oclif/core";
import { PropError } from "../errors.ts";
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
  "require-signature": Flags.string({
    description:
      "Run nothing but images that are signed by this public key, a file; may be given again, and one of them is enough (default: MANAGER_REQUIRE_SIGNATURE, separated by commas).",
    helpValue: "<file>",
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
    "require-signature"?: string[] | undefined;
  },
  env: Environment,
): { images?: { mirrors: string[]; env: Environment; allowed: string[]; trustedKeys: string[] } } {
  const trustedKeys = flags["require-signature"] ?? listed(env.MANAGER_REQUIRE_SIGNATURE);
  if (!flags["pull-images"] && trustedKeys.length > 0) throw unchecked();
  if (!flags["pull-images"]) return {};
  const mirrors = mirrorEntries(flags["registry-mirror"], env);
  const allowed = flags["registry-allow"] ?? listed(env.MANAGER_REGISTRY_ALLOW);
  return { images: { mirrors, env, allowed, trustedKeys } };
}

function unchecked(): PropError {
  return new PropError({
    code: "USAGE",
    message: "a manager can't check the signatures of images that a proxy brings",
    hint: "Give --pull-images, or set MANAGER_PULL_IMAGES, with MANAGER_REQUIRE_SIGNATURE.",
    exitCode: 2,
  });
}
