/** The `--target` flag, and the client of the manager it names. */
import { Flags } from "@oclif/core";
import { type Client, createClient } from "../api/client.ts";
import { resolveTarget, type Target } from "../config/resolve-target.ts";

/** For every command that talks to a manager. */
export const targetFlag = {
  target: Flags.string({
    description:
      "Manager to talk to: a target's name or a URL (default: PROP_TARGET, else the chosen target, else dev).",
    helpValue: "<name|url>",
  }),
};

export interface Connection {
  target: Target;
  client: Client;
}

/**
 * The client of the manager that the flags, the environment and the user's targets name. Nothing is sent yet.
 * @throws PropError those of `resolveTarget`
 */
export async function connect(flags: { target?: string | undefined }): Promise<Connection> {
  const target = await resolveTarget({ flag: flags.target, env: process.env, cwd: process.cwd() });
  const { url, token } = target;
  return { target, client: createClient({ url, ...(token === undefined ? {} : { token }) }) };
}
