/** Programs that keep logins, `docker-credential-<name>`: asked as docker asks them, by a verb and a text on stdin. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { messageOf, PropError } from "../../errors.ts";

export interface KeptLogin {
  /** `<token>` where the secret is an identity token. */
  username: string;
  secret: string;
}

/** A helper may ask its user; but not for ever. */
const HELPER_MS = 60_000;
const answer = Compile(Type.Object({ Username: Type.String(), Secret: Type.String() }));

/** @returns undefined where the helper has none. @throws PropError `CREDENTIAL_HELPER_FAILED` */
export async function askHelper(name: string, server: string): Promise<KeptLogin | undefined> {
  const { ok, output } = await run(name, "get", server);
  if (!ok) {
    // Its own words for that it has none go to stdout, and all helpers share them.
    if (/credentials not found|no usernames? /i.test(output)) return undefined;
    throw failed(name, output);
  }
  const value: unknown = parsed(output);
  if (!answer.Check(value)) throw failed(name, "its answer is no login");
  return { username: value.Username, secret: value.Secret };
}

/** @throws PropError `CREDENTIAL_HELPER_FAILED` */
export async function storeWithHelper(name: string, server: string, login: KeptLogin): Promise<void> {
  const { username: Username, secret: Secret } = login;
  const { ok, output } = await run(name, "store", JSON.stringify({ ServerURL: server, Username, Secret }));
  if (!ok) throw failed(name, output);
}

/** That it had none is no failure. @throws PropError `CREDENTIAL_HELPER_FAILED` */
export async function eraseWithHelper(name: string, server: string): Promise<void> {
  const { ok, output } = await run(name, "erase", server);
  if (!ok && !/not found/i.test(output)) throw failed(name, output);
}

async function run(name: string, verb: string, input: string): Promise<{ ok: boolean; output: string }> {
  if (!/^[\w.-]+$/.test(name)) throw failed(name, "that is no name of a helper");
  const child = spawn(`docker-credential-${name}`, [verb], {
    stdio: ["pipe", "pipe", "inherit"],
    timeout: HELPER_MS,
  });
  // One that doesn't read what it is told says by its exit code what it thinks of it.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  try {
    const [output, code] = await Promise.all([text(child.stdout), closed]);
    return { ok: code === 0, output: output.trim() };
  } catch (error) {
    throw failed(name, messageOf(error));
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function failed(name: string, reason: string): PropError {
  return new PropError({
    code: "CREDENTIAL_HELPER_FAILED",
    message: `docker-credential-${name}, which keeps logins of registries, failed: ${reason || "it ended with an error"}`,
    hint: "It is named by credsStore or credHelpers in docker's config.json.",
  });
}
