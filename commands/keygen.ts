import { Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { readKeyPassword } from "../src/cli/key-password.ts";
import { createKeyPair, writeKeyPair } from "../src/registry/signatures/key-files.ts";

export default class Keygen extends PropCommand {
  static override summary = "Make a pair of keys to sign images with.";
  static override description =
    "Writes <prefix>.key, encrypted with a password, and <prefix>.pub, for whoever verifies. cosign reads both. The password is asked for, or taken from PROP_KEY_PASSWORD.";
  static override examples = [
    "<%= config.bin %> keygen",
    "$ PROP_KEY_PASSWORD=secret <%= config.bin %> keygen --prefix release",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    prefix: Flags.string({
      description: "What the two files are called, before .key and .pub.",
      default: "prop",
    }),
    "password-stdin": Flags.boolean({ description: "Read the password from stdin." }),
  };

  async run() {
    const { flags } = await this.parse(Keygen);
    const password = await readKeyPassword({
      stdin: flags["password-stdin"],
      prompt: "Password for the private key",
      isNew: true,
    });
    const files = await writeKeyPair(flags.prefix, createKeyPair(password));
    this.log(`${files.privateKey}\n${files.publicKey}`);
    return files;
  }
}
