import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { interruptedExitCode, interruptible } from "../src/cli/interruptible.ts";
import { createProgress } from "../src/cli/progress.ts";
import { registryClientFlags, registryClientOf } from "../src/cli/registry-client.ts";
import { sizeText } from "../src/engine/size-text.ts";
import { parseAssignments } from "../src/function/assignments.ts";
import { compilerOutput } from "../src/function/compiler-output.ts";
import { preparePublication, sourceDate } from "../src/function/publish.ts";
import { blobOfFile } from "../src/registry/client/blob.ts";
import { pushArtifact } from "../src/registry/client/push.ts";
import { formatReference, parseReference } from "../src/registry/reference.ts";
import { wasmArtifact } from "../src/registry/wasm-artifact.ts";

export default class Push extends PropCommand {
  static override summary = "Publish a function: push its module to a registry as an image.";
  static override description =
    "A project is built first. The same module makes the same image, with the same digest; what the registry has is not sent again.";
  static override usage = "push <reference> [dir|file.wasm] [flags]";
  static override examples = [
    "<%= config.bin %> push registry.example.com/team/hello:1.0",
    "<%= config.bin %> push localhost:5000/hello:1.0 build/hello.wasm",
    "<%= config.bin %> push localhost:5000/hello:1.0 --annotation org.opencontainers.image.source=https://example.com/hello",
  ];
  static override enableJsonFlag = true;
  static override args = {
    image: Args.string({ description: "Reference of the image.", required: true, ignoreStdin: true }),
    source: Args.string({
      description: "Folder of a project, or a .wasm file.",
      default: ".",
      ignoreStdin: true,
    }),
  };
  static override flags = {
    annotation: Flags.string({
      description: "Annotation of the image, name=value; may be given again.",
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...registryClientFlags,
  };

  async run() {
    const { args, flags } = await this.parse(Push);
    const reference = parseReference(args.image);
    const annotations = parseAssignments(flags.annotation ?? [], "--annotation");
    const client = registryClientOf(flags, [reference.registry]);
    const { SOURCE_DATE_EPOCH: epoch } = process.env;
    const created = sourceDate(epoch);
    const progress = createProgress("pushing", process.stderr);
    const pushed = await interruptible(async (signal) => {
      const { path, info, name } = await preparePublication(args.source, {
        signal,
        onOutput: compilerOutput(),
      });
      const artifact = wasmArtifact({
        module: await blobOfFile(path),
        kind: info.kind,
        exports: info.functions.map((one) => one.name),
        imports: [...new Set(info.imports.map(({ module }) => module))],
        name,
        ...(created === undefined ? {} : { created }),
        ...(reference.tag === undefined ? {} : { version: reference.tag }),
        annotations,
      });
      return pushArtifact(reference, artifact, { ...client, signal, onProgress: progress.report });
    }).finally(progress.end);
    if (pushed === "interrupted") return this.exit(interruptedExitCode);
    const { digest, sentBytes } = pushed;
    this.log(`pushed ${formatReference(reference)}\n${digest}`);
    this.talk(sentBytes === 0 ? "all of it was there already" : `${sizeText(sentBytes)} sent`);
    return { image: formatReference(reference), digest, sent_bytes: sentBytes };
  }
}
