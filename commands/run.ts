import { Args, Flags } from "@oclif/core";
import { callFlags, readCall } from "../src/cli/call-flags.ts";
import { PropCommand } from "../src/cli/command.ts";
import { answerFailed, showHttpAnswer } from "../src/cli/http-answer.ts";
import { interruptedExitCode, interruptible } from "../src/cli/interruptible.ts";
import { limitFlags, limitsOf } from "../src/cli/limit-flags.ts";
import { createV8Engine } from "../src/engine/v8/engine.ts";
import { parseAssignments } from "../src/function/assignments.ts";
import { compilerOutput } from "../src/function/compiler-output.ts";
import { runLocally } from "../src/function/run-locally.ts";
import { parseRunTarget } from "../src/function/run-target.ts";

export default class Run extends PropCommand {
  static override summary = "Run a function once, here, with no cluster.";
  static override description =
    "Runs a project (which is built first) or a module file in the engine that a proplet uses. stdin, stdout, stderr and the exit code are the module's; what a plain function returns is printed. Everything after -- is input.";
  static override usage = "run [dir|file.wasm] [inputs…] [flags]";
  static override examples = [
    "<%= config.bin %> run . 2 3",
    "<%= config.bin %> run hello -7 3 --timeout 10s",
    "<%= config.bin %> run build/hello.wasm 2 3 --invoke add --memory 64MiB",
    "<%= config.bin %> run . --env GREETING=hello -- 2 3",
    `<%= config.bin %> run . --data '{"celsius":21.5}' --attribute type=com.example.reading`,
    '<%= config.bin %> run . --request "POST /hello" --header "content-type: text/plain" --data Ada',
  ];
  static override enableJsonFlag = true;
  static override args = {
    inputs: Args.string({
      description: "A project's folder or a .wasm file (default: this folder), then the function's inputs.",
      multiple: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    env: Flags.string({
      description: "Environment variable for the module, NAME=value.",
      multiple: true,
      multipleNonGreedy: true,
    }),
    invoke: Flags.string({ description: "Exported function to call (default: prop.toml's export)." }),
    ...callFlags,
    ...limitFlags,
  };

  async run() {
    const { args, flags } = await this.parse(Run);
    const target = parseRunTarget([args.inputs ?? []].flat());
    const { http, env, ...call } = await readCall(flags);
    const collect = http || this.jsonEnabled();
    const options = {
      ...call,
      collect,
      env: { ...env, ...parseAssignments(flags.env ?? [], "--env") },
      limits: limitsOf(flags),
      ...(flags.invoke === undefined ? {} : { invoke: flags.invoke }),
      onOutput: compilerOutput(),
    };
    const engine = createV8Engine();
    try {
      const ended = await interruptible((signal) => runLocally(engine, target, { ...options, signal }));
      if (ended === "interrupted") return this.exit(interruptedExitCode);
      const { printed, exitCode, stdout } = ended;
      process.exitCode = exitCode;
      if (http && exitCode === 0) {
        const answer = showHttpAnswer(stdout, this.jsonEnabled());
        if (answerFailed(answer)) process.exitCode = 1;
        return answer;
      }
      if (http) process.stderr.write(stdout);
      else if (printed !== "") this.log(printed);
      return { result: printed, exitCode };
    } finally {
      await engine.close();
    }
  }
}
