/** The first token of a manager that asks for tokens: without it nobody could make another one. */
import { resolve } from "node:path";
import { readTextIfThere, writePrivateFile } from "../config/private-file.ts";
import type { Tokens } from "../manager/manager.ts";
import type { Log } from "../telemetry/logger.ts";

/**
 * Makes an admin token where no token holds that is one, and leaves it in `<dataDir>/admin-token`, which only its owner
 * may read. The log says where, never what.
 */
export async function provideAdminToken(tokens: Tokens, dataDir: string, log: Log): Promise<void> {
  const path = resolve(dataDir, "admin-token");
  const inFile = (await readTextIfThere(path))?.trim();
  if (inFile !== undefined && tokens.check(inFile)?.scope === "admin") {
    log.info("the admin token is in a file", { path });
    return;
  }
  const now = Date.now();
  const holds = (expiresAt: string | undefined) => expiresAt === undefined || Date.parse(expiresAt) > now;
  const all = await tokens.list();
  if (all.some(({ scope, expires_at }) => scope === "admin" && holds(expires_at))) return;
  const { record, token } = await tokens.create({ name: "first-admin", scope: "admin" });
  try {
    await writePrivateFile(path, `${token}\n`);
  } catch (error) {
    await tokens.revoke(record.id);
    throw error;
  }
  log.info("an admin token was made and left in a file", { path });
}
