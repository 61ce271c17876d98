import { Args, Flags } from "@oclif/core";
import { callFlags, readCall } from "../src/cli/call-flags.ts";
import { PropCommand } from "../src/cli/command.ts";
import { answerFailed, showHttpAnswer } from "../src/cli/http-answer.ts";
import { connect, targetFlag } from "../src/cli/target.ts";
import { PropError } from "../src/errors.ts";
import { parseAssignments } from "../src/function/assignments.ts";

export default class Invoke extends PropCommand {
  static override summary = "Call a deployed function.";
  static override description =
    "Prints what it returns; the error of a call that failed is on stderr, and the exit code is 1. Everything after -- is input.";
  static override usage = "invoke <function> [inputs…] [flags]";
  static override examples = [
    "<%= config.bin %> invoke hello 2 3",
    "<%= config.bin %> invoke hello -7 3 --target dev",
    "<%= config.bin %> invoke hello --env GREETING=hello --json -- 2 3",
    '$ echo "some bytes" | <%= config.bin %> invoke upper --data -',
    '<%= config.bin %> invoke orders --request "POST /orders?x=1" --data @order.json',
  ];
  static override enableJsonFlag = true;
  static override args = {
    call: Args.string({
      description: "Name of the function, then its inputs.",
      multiple: true,
      ignoreStdin: true,
      required: true,
    }),
  };
  static override flags = {
    env: Flags.string({
      description: "Environment variable for the module, NAME=value.",
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...callFlags,
    ...targetFlag,
  };

  async run() {
    const { args, flags } = await this.parse(Invoke);
    const [name, ...inputs] = [args.call].flat();
    if (name === undefined || name === "") throw missingFunction();
    const { http, stdin, ...call } = await readCall(flags);
    const env = { ...call.env, ...parseAssignments(flags.env ?? [], "--env") };
    const { client } = await connect(flags);
    const results = await client.functions.invoke(name, {
      inputs,
      env,
      ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin).toString("base64") }),
    });
    if (http) {
      const answer = showHttpAnswer(Buffer.from(results), this.jsonEnabled());
      if (answerFailed(answer)) process.exitCode = 1;
      return { function: name, ...answer };
    }
    if (!this.jsonEnabled() && results !== "")
      process.stdout.write(results.endsWith("\n") ? results : `${results}\n`);
    return { function: name, inputs, results };
  }
}

function missingFunction(): PropError {
  return new PropError({
    code: "USAGE",
    message: "which function?",
    hint: "Name it: prop invoke hello 2 3",
    exitCode: 2,
  });
}
