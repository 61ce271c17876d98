import { PropCommand } from "../../src/cli/command.ts";
import { renderTable, showsColours } from "../../src/cli/table.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { ageText } from "../../src/cli/time-text.ts";

export default class TokenList extends PropCommand {
  static override summary = "List the tokens of a manager.";
  static override description = "It shows what they are, never what they say: that was told once.";
  static override examples = ["<%= config.bin %> token list", "<%= config.bin %> token list --json"];
  static override enableJsonFlag = true;
  static override flags = targetFlag;

  async run() {
    const { flags } = await this.parse(TokenList);
    const { client } = await connect(flags);
    const tokens = await client.tokens.list();
    const now = Date.now();
    const rows = tokens.map(({ id, name, scope, created_at, expires_at }) => [
      id,
      name,
      scope,
      ageText(created_at, now),
      expires_at === undefined ? "never" : Date.parse(expires_at) > now ? expires_at : "expired",
    ]);
    this.log(renderTable(["id", "name", "scope", "age", "expires"], rows, { colours: showsColours() }));
    return tokens;
  }
}
