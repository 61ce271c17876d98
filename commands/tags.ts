import { Args } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { registryClientFlags, registryClientOf } from "../src/cli/registry-client.ts";
import { listTags } from "../src/registry/client/tags.ts";
import { parseReference } from "../src/registry/reference.ts";

export default class Tags extends PropCommand {
  static override summary = "List the tags of a repository.";
  static override examples = [
    "<%= config.bin %> tags registry.example.com/team/hello",
    "<%= config.bin %> tags localhost:5000/hello --json",
  ];
  static override enableJsonFlag = true;
  static override args = {
    repository: Args.string({
      description: "Registry and name, without a tag.",
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = { ...registryClientFlags };

  async run() {
    const { args, flags } = await this.parse(Tags);
    const reference = parseReference(args.repository);
    const client = registryClientOf(flags, [reference.registry]);
    const tags = await listTags(reference, { ...client, signal: new AbortController().signal });
    for (const tag of tags) this.log(tag);
    if (tags.length === 0) this.talk("no tags");
    return { repository: `${reference.registry}/${reference.repository}`, tags };
  }
}
