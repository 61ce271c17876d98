import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { interruptedExitCode, interruptible } from "../src/cli/interruptible.ts";
import { createProgress } from "../src/cli/progress.ts";
import { registryClientFlags, registryClientOf } from "../src/cli/registry-client.ts";
import { userStore } from "../src/cli/user-store.ts";
import { sizeText } from "../src/engine/size-text.ts";
import { pullToFile } from "../src/registry/client/pull-file.ts";
import { parseReference } from "../src/registry/reference.ts";

const MOST_UNPACKED_BYTES = 1024 ** 3;

export default class Pull extends PropCommand {
  static override summary = "Get the module of an image from a registry.";
  static override description =
    "Takes images as prop, wkg, Spin, wasmCloud and docker build make them; every byte is checked against its digest. The file appears whole or not at all.";
  static override examples = [
    "<%= config.bin %> pull registry.example.com/team/hello:1.0",
    "<%= config.bin %> pull localhost:5000/hello:1.0 --output hello.wasm --json",
  ];
  static override enableJsonFlag = true;
  static override args = {
    image: Args.string({ description: "Reference of the image.", required: true, ignoreStdin: true }),
  };
  static override flags = {
    output: Flags.string({
      char: "o",
      description: "File to write (default: the last part of the image's name, with .wasm).",
    }),
    ...registryClientFlags,
  };

  async run() {
    const { args, flags } = await this.parse(Pull);
    const reference = parseReference(args.image);
    const file = flags.output ?? `${reference.repository.split("/").at(-1)}.wasm`;
    const client = registryClientOf(flags, [reference.registry]);
    const progress = createProgress("pulling", process.stderr);
    const into = { ...userStore(process.env), maxUnpackedBytes: MOST_UNPACKED_BYTES };
    const pulled = await interruptible((signal) =>
      pullToFile(reference, file, { ...client, ...into, signal, onProgress: progress.report }),
    ).finally(progress.end);
    if (pulled === "interrupted") return this.exit(interruptedExitCode);
    this.log(file);
    const { image, digest, sizeBytes, manifestDigest, receivedBytes } = pulled;
    const came = receivedBytes === 0 ? "from the cache" : `${sizeText(receivedBytes)} received`;
    this.talk(`${sizeText(sizeBytes)} of ${image}, ${manifestDigest}; ${came}`);
    return { image, file, digest, manifest_digest: manifestDigest, received_bytes: receivedBytes };
  }
}
