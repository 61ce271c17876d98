import { Args } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { registryClientFlags, registryClientOf } from "../src/cli/registry-client.ts";
import { dockerConfigPath } from "../src/registry/client/docker-config.ts";
import { removeLogin } from "../src/registry/client/docker-login.ts";
import { endpointOf } from "../src/registry/client/endpoint.ts";
import { registryOf } from "../src/registry/reference.ts";

export default class Logout extends PropCommand {
  static override summary = "Forget the login for a registry.";
  static override description = "Removes it from where prop login and docker login keep it.";
  static override examples = ["<%= config.bin %> logout registry.example.com"];
  static override enableJsonFlag = true;
  static override args = {
    registry: Args.string({ description: "Host of the registry.", default: "docker.io", ignoreStdin: true }),
  };
  static override flags = { ...registryClientFlags };

  async run() {
    const { args, flags } = await this.parse(Logout);
    const registry = registryOf(args.registry);
    const { mirrors } = registryClientOf(flags, [registry]);
    const { origin } = endpointOf(registry, mirrors);
    const removed = await removeLogin(dockerConfigPath(process.env), origin);
    this.log(removed ? `logged out of ${registry}` : `there was no login for ${registry}`);
    return { registry, removed };
  }
}
