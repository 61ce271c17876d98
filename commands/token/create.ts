import { Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { durationHelpValue, parseGoDuration } from "../../src/config/go-duration.ts";
import { scopes } from "../../src/model/token.ts";

const centuryMs = 100 * 365 * 24 * 3_600_000;
const expiryFlag = Flags.custom<number>({
  parse: async (text) => parseGoDuration(text, centuryMs),
  helpValue: durationHelpValue,
});

export default class TokenCreate extends PropCommand {
  static override summary = "Make a token for the HTTP API of a manager.";
  static override description =
    "The token is printed once and kept nowhere; the manager remembers a hash of it. A token of scope read sees everything, deploy also runs and changes tasks and functions, admin also changes proplets and tokens.";
  static override examples = [
    "<%= config.bin %> token create --name ci --scope deploy",
    "<%= config.bin %> token create --name dashboard --scope read --expires 720h",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    name: Flags.string({ description: "What it is for.", required: true }),
    scope: Flags.option({ options: scopes, description: "What it may do.", required: true })(),
    expires: expiryFlag({ description: "How long it holds: 30m, 720h (default: until it is revoked)." }),
    ...targetFlag,
  };

  async run() {
    const { flags } = await this.parse(TokenCreate);
    const { name, scope, expires } = flags;
    const { client } = await connect(flags);
    const expiry = expires === undefined ? {} : { expires_in_seconds: Math.ceil(expires / 1_000) };
    const created = await client.tokens.create({ name, scope, ...expiry });
    this.log(created.token);
    this.talk(`This is the only time it is shown. To take it back: prop token revoke ${created.id}`);
    return created;
  }
}
