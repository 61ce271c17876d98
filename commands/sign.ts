import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { readKeyPassword } from "../src/cli/key-password.ts";
import { registryClientFlags, registryClientOf } from "../src/cli/registry-client.ts";
import { parseReference } from "../src/registry/reference.ts";
import { readPrivateKey } from "../src/registry/signatures/key-files.ts";
import { readKeyFile } from "../src/registry/signatures/load-keys.ts";
import { signImage } from "../src/registry/signatures/sign-image.ts";

export default class Sign extends PropCommand {
  static override summary = "Sign an image in a registry.";
  static override description =
    "What is signed is the digest that the reference stands for now. The signature is stored beside the image, where prop verify and cosign find it.";
  static override examples = [
    "<%= config.bin %> sign registry.example.com/team/app:1.0 --key prop.key",
    "$ PROP_KEY_PASSWORD=secret <%= config.bin %> sign localhost:5000/app:1.0 --key prop.key --json",
  ];
  static override enableJsonFlag = true;
  static override args = {
    image: Args.string({ description: "Reference of the image.", required: true, ignoreStdin: true }),
  };
  static override flags = {
    key: Flags.string({ description: "The private key: prop keygen makes one.", required: true }),
    "password-stdin": Flags.boolean({ description: "Read the password of the key from stdin." }),
    ...registryClientFlags,
  };

  async run() {
    const { args, flags } = await this.parse(Sign);
    const reference = parseReference(args.image);
    const password = () =>
      readKeyPassword({ stdin: flags["password-stdin"], prompt: `Password of ${flags.key}` });
    const key = await readPrivateKey(await readKeyFile(flags.key), flags.key, password);
    const client = registryClientOf(flags, [reference.registry]);
    const { signal } = new AbortController();
    const signed = await signImage(reference, { ...client, key, now: new Date(), signal });
    this.log(`signed ${args.image}: ${signed.digest}`);
    return { image: args.image, ...signed };
  }
}
