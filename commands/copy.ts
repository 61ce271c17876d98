import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { interruptedExitCode, interruptible } from "../src/cli/interruptible.ts";
import { createProgress } from "../src/cli/progress.ts";
import { registryClientFlags, registryClientOf } from "../src/cli/registry-client.ts";
import { userStore } from "../src/cli/user-store.ts";
import { sizeText } from "../src/engine/size-text.ts";
import { copyImage } from "../src/registry/client/copy.ts";
import { formatReference, parseReference } from "../src/registry/reference.ts";

export default class Copy extends PropCommand {
  static override summary = "Copy an image to another place, in the same registry or another.";
  static override description =
    "The copy has the same digest. Within one registry nothing goes through this machine where the registry can mount it.";
  static override examples = [
    "<%= config.bin %> copy registry.example.com/team/hello:1.0 registry.example.com/live/hello:1.0",
    "<%= config.bin %> copy localhost:5000/hello:1.0 registry.example.com/team/hello:1.0 --referrers --json",
  ];
  static override enableJsonFlag = true;
  static override args = {
    from: Args.string({ description: "Reference of the image.", required: true, ignoreStdin: true }),
    to: Args.string({ description: "Reference of the copy.", required: true, ignoreStdin: true }),
  };
  static override flags = {
    referrers: Flags.boolean({ description: "Copy what refers to the image too: signatures and the like." }),
    ...registryClientFlags,
  };

  async run() {
    const { args, flags } = await this.parse(Copy);
    const [from, to] = [parseReference(args.from), parseReference(args.to)];
    const client = registryClientOf(flags, [from.registry, to.registry]);
    const progress = createProgress("copying", process.stderr);
    const onProgress = progress.report;
    const choices = { withReferrers: flags.referrers };
    const copied = await interruptible((signal) =>
      copyImage(from, to, { ...client, ...userStore(process.env), ...choices, signal, onProgress }),
    ).finally(progress.end);
    if (copied === "interrupted") return this.exit(interruptedExitCode);
    const { digest, manifests, sentBytes } = copied;
    this.log(`copied ${formatReference(from)} to ${formatReference(to)}\n${digest}`);
    if (sentBytes > 0) this.talk(`${sizeText(sentBytes)} sent`);
    return { from: formatReference(from), to: formatReference(to), digest, manifests, sent_bytes: sentBytes };
  }
}
