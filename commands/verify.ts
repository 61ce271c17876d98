import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { registryClientFlags, registryClientOf } from "../src/cli/registry-client.ts";
import { parseReference } from "../src/registry/reference.ts";
import { loadPublicKeys } from "../src/registry/signatures/load-keys.ts";
import { verifyImage } from "../src/registry/signatures/verify-image.ts";

export default class Verify extends PropCommand {
  static override summary = "Check that an image is signed by a key you trust.";
  static override description =
    "Finds its signatures as prop sign and cosign store them. Ends with 0 where one of them is good, with 1 where none is.";
  static override examples = [
    "<%= config.bin %> verify registry.example.com/team/app:1.0 --key prop.pub",
    "<%= config.bin %> verify localhost:5000/app:1.0 --key ours.pub --key theirs.pub --json",
  ];
  static override enableJsonFlag = true;
  static override args = {
    image: Args.string({ description: "Reference of the image.", required: true, ignoreStdin: true }),
  };
  static override flags = {
    key: Flags.string({
      description: "A public key that is trusted; may be given again, and one is enough.",
      required: true,
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...registryClientFlags,
  };

  async run() {
    const { args, flags } = await this.parse(Verify);
    const reference = parseReference(args.image);
    const keys = await loadPublicKeys(flags.key);
    const client = registryClientOf(flags, [reference.registry]);
    const verified = await verifyImage(reference, { ...client, keys, signal: new AbortController().signal });
    this.log(`${args.image} is signed: ${verified.digest}`);
    return { image: args.image, ...verified };
  }
}
