import { stat } from "node:fs/promises";
import { Args } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { renderFields } from "../src/cli/fields.ts";
import { registryClientFlags, registryClientOf } from "../src/cli/registry-client.ts";
import { parseModule } from "../src/engine/module-info.ts";
import { sizeText } from "../src/engine/size-text.ts";
import { readModuleFile } from "../src/function/deploy.ts";
import { formatSignature } from "../src/function/signature.ts";
import { inspectImage } from "../src/registry/client/inspect.ts";
import { digestOf } from "../src/registry/digest.ts";
import { parseReference } from "../src/registry/reference.ts";

export default class Inspect extends PropCommand {
  static override summary = "Show what an image, or a module file, is.";
  static override description = "Of an image only the manifest is fetched.";
  static override examples = [
    "<%= config.bin %> inspect registry.example.com/team/hello:1.0",
    "<%= config.bin %> inspect build/hello.wasm --json",
  ];
  static override enableJsonFlag = true;
  static override args = {
    what: Args.string({
      description: "Reference of an image, or path of a .wasm file.",
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = { ...registryClientFlags };

  async run() {
    const { args, flags } = await this.parse(Inspect);
    const isFile = args.what.endsWith(".wasm") || (await stat(args.what).catch(() => undefined))?.isFile();
    return isFile ? this.showFile(args.what) : this.showImage(args.what, flags);
  }

  private async showFile(file: string) {
    const bytes = await readModuleFile(file);
    const { kind, functions, imports } = parseModule(bytes).info;
    const fields = { file, digest: digestOf(bytes), size: sizeText(bytes.byteLength), kind };
    this.log(renderFields(fields));
    for (const one of functions) this.log(`  ${formatSignature(one)}`);
    return { ...fields, size: bytes.byteLength, exports: functions, imports };
  }

  private async showImage(text: string, flags: Parameters<typeof registryClientOf>[0]) {
    const reference = parseReference(text);
    const client = registryClientOf(flags, [reference.registry]);
    const image = await inspectImage(reference, { ...client, signal: new AbortController().signal });
    this.log(renderFields({ image: image.image, digest: image.digest, type: image.media_type }));
    for (const { digest, mediaType, size } of image.layers) {
      const mark = digest === image.module ? "module" : "layer ";
      this.log(`${mark}  ${digest}  ${mediaType}  ${sizeText(size)}`);
    }
    if (Object.keys(image.annotations).length > 0) this.log(renderFields(image.annotations));
    return image;
  }
}
