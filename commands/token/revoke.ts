import { Args } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";

export default class TokenRevoke extends PropCommand {
  static override summary = "Take back a token, at once.";
  static override description = "Whoever uses it is refused from then on, and streams of events end.";
  static override examples = ["<%= config.bin %> token revoke 4f1c9a2be07d"];
  static override enableJsonFlag = true;
  static override args = {
    id: Args.string({
      description: "Id of the token, as prop token list shows it.",
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(TokenRevoke);
    const { client } = await connect(flags);
    await client.tokens.revoke(args.id);
    this.talk(`Revoked ${args.id}.`);
    return { id: args.id, revoked: true };
  }
}
