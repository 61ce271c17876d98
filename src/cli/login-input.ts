/** Name and password for a registry: from flags, stdin, or whoever sits at the terminal; a password is never an argument. */
import { text } from "node:stream/consumers";
import { PropError } from "../errors.ts";

/** @throws PropError `USAGE` where nobody can be asked, or nothing was said */
export async function readLogin(
  registry: string,
  flags: { username?: string | undefined; "password-stdin": boolean },
): Promise<{ username: string; password: string }> {
  const username = flags.username ?? (await askFor("username", registry));
  const password = flags["password-stdin"]
    ? ((await text(process.stdin)).split(/\r?\n/, 1)[0] ?? "")
    : await askFor("password", registry);
  if (username !== "" && password !== "") return { username, password };
  throw usage(`the ${username === "" ? "name" : "password"} for ${registry} is empty`);
}

async function askFor(what: "username" | "password", registry: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw usage(`the ${what} for ${registry} is missing, and nobody can be asked for it`);
  const { input, password } = await import("@inquirer/prompts");
  const context = { output: process.stderr };
  if (what === "username") return input({ message: `Username at ${registry}` }, context);
  return password({ message: `Password at ${registry}` }, context);
}

function usage(message: string): PropError {
  return new PropError({
    code: "USAGE",
    message,
    hint: "Give the name with --username, and the password on stdin with --password-stdin.",
    exitCode: 2,
  });
}
