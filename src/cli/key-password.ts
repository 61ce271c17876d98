/** The password of a private key: from the environment, stdin, or whoever sits at the terminal; never an argument. */
import { text } from "node:stream/consumers";
import { PropError } from "../errors.ts";

export interface PasswordOptions {
  /** It comes on stdin, to its first line's end. */
  stdin: boolean;
  /** What a terminal shows. */
  prompt: string;
  /** A new one: it is asked for twice. */
  isNew?: boolean;
}

/** @throws PropError `USAGE` where nobody can be asked */
export async function readKeyPassword({ stdin, prompt, isNew = false }: PasswordOptions): Promise<string> {
  if (stdin) return (await text(process.stdin)).split(/\r?\n/, 1)[0] ?? "";
  const { PROP_KEY_PASSWORD: given } = process.env;
  if (given !== undefined) return given;
  if (!process.stdin.isTTY) {
    throw new PropError({
      code: "USAGE",
      message: "the private key needs a password, and nobody can be asked for it",
      hint: "Set PROP_KEY_PASSWORD, or give it on stdin with --password-stdin.",
      exitCode: 2,
    });
  }
  const { password } = await import("@inquirer/prompts");
  const first = await password({ message: prompt }, { output: process.stderr });
  if (!isNew) return first;
  const second = await password({ message: "Once more" }, { output: process.stderr });
  if (first === second) return first;
  throw new PropError({ code: "USAGE", message: "the two passwords differ", exitCode: 2 });
}
