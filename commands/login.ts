import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { interruptedExitCode, interruptible } from "../src/cli/interruptible.ts";
import { readLogin } from "../src/cli/login-input.ts";
import { registryClientFlags, registryClientOf } from "../src/cli/registry-client.ts";
import { checkLogin } from "../src/registry/client/check-login.ts";
import { dockerConfigPath } from "../src/registry/client/docker-config.ts";
import { saveLogin } from "../src/registry/client/docker-login.ts";
import { registryOf } from "../src/registry/reference.ts";

export default class Login extends PropCommand {
  static override summary = "Log in at a registry.";
  static override description =
    "Asks the registry whether the login is good, then keeps it where docker does: with the helper that its config.json names, else in that file. What docker, podman or skopeo logged in to needs no other login here.";
  static override examples = [
    "<%= config.bin %> login registry.example.com",
    "$ echo $TOKEN | <%= config.bin %> login registry.example.com --username ada --password-stdin",
  ];
  static override enableJsonFlag = true;
  static override args = {
    registry: Args.string({ description: "Host of the registry.", default: "docker.io", ignoreStdin: true }),
  };
  static override flags = {
    username: Flags.string({ char: "u", description: "Name to log in with." }),
    "password-stdin": Flags.boolean({ description: "Read the password, or token, from stdin." }),
    ...registryClientFlags,
  };

  async run() {
    const { args, flags } = await this.parse(Login);
    const registry = registryOf(args.registry);
    const { mirrors } = registryClientOf(flags, [registry]);
    const login = await readLogin(registry, flags);
    const origin = await interruptible((signal) => checkLogin(registry, login, { mirrors, signal }));
    if (origin === "interrupted") return this.exit(interruptedExitCode);
    const kept = await saveLogin(dockerConfigPath(process.env), origin, login);
    this.log(`logged in to ${registry} as ${login.username}`);
    this.talk(`the login is kept in ${kept}`);
    return { registry, username: login.username, kept };
  }
}
