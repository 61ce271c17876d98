import { Command, Flags } from "@oclif/core";
import { expect, test } from "vitest";
import { durationFlag } from "../config/peer-env.ts";
import { messageOf } from "../errors.ts";
import { limitFlag } from "./page-flags.ts";
import { scheduleFlags } from "./schedule-flags.ts";
import { usageMessage } from "./usage-message.ts";
import { uuidArg } from "./uuid-arg.ts";

/** Flags and arguments as commands have them, so that it is oclif itself who complains. */
class Example extends Command {
  static override args = uuidArg("job");
  static override flags = {
    ...scheduleFlags,
    grace: durationFlag(),
    limit: limitFlag(20),
    mode: Flags.option({ options: ["fast", "slow"] as const })(),
    env: Flags.string({ multiple: true, multipleNonGreedy: true }),
    name: Flags.string({ required: true }),
  };

  async run(): Promise<void> {
    await this.parse(Example);
  }
}

const id = "5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11";

async function complaintAbout(argv: string[]): Promise<string> {
  const config = { runHook: async () => ({ successes: [], failures: [] }) };
  // biome-ignore lint/suspicious/noExplicitAny: a command that is only parsed needs no more of it
  const command = new Example(argv, config as any);
  const error = await command.run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return usageMessage(messageOf(error));
}

test.each([
  [[id, "--name=a", "--limit=abc"], "--limit: expected an integer but received: abc"],
  [[id, "--name=a", "--grace=soon"], '--grace: "soon" is not a duration from 1ms to 596h'],
  [[id, "--name=a", "--mode=odd"], '--mode: "odd" is none of fast, slow'],
  [[id, "--name=a", "--timezone=UTC"], "--timezone needs --schedule"],
  [[id], "--name is missing"],
  [[id, "--name"], "--name needs a value"],
  [[id, "--name=a", "--xyz"], "there is no flag --xyz"],
  [[id, "--name=a", "more"], "there is no place for more"],
  [["--name=a", "--env=A=1"], "ID is missing: Id of the job, as prop jobs list shows it"],
])("%j is answered with one line", async (argv, line) => {
  expect(await complaintAbout(argv)).toBe(line);
});
