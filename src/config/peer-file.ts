/** `config.toml`: the identity of each peer of an existing deployment (wire contract, section 4). */
import { parse, type TomlTable } from "smol-toml";
import { messageOf, PropError } from "../errors.ts";
import { readTextIfThere } from "./private-file.ts";

/** Who a peer is on the broker, as far as a file says. */
export interface PeerIdentity {
  domain?: string;
  channel?: string;
  entityId?: string;
  apiKey?: string;
}

/**
 * Reads the section of one peer; empty where there is no such section. Without a path it is `config.toml`, which need
 * not be there.
 * @throws PropError `CONFIG_INVALID`
 */
export async function readPeerFile(
  given: string | undefined,
  section: "manager" | "proplet" | "proxy",
): Promise<PeerIdentity> {
  const path = given ?? "config.toml";
  const text = await readTextIfThere(path);
  if (text === undefined && given !== undefined) throw invalid(path, "there is no such file");
  if (text === undefined) return {};
  const table = parseFile(path, text)[section];
  if (table === undefined) return {};
  if (!isTable(table)) throw invalid(path, `[${section}] is not a section`);
  const field = (name: string) => stringIn(table, name, `${path}: [${section}]`);
  const domain = field("tenant_id") ?? field("domain_id");
  const channel = field("channel_id");
  const entityId = field("entity_id") ?? field("client_id");
  const apiKey = field("api_key") ?? field("client_key");
  return {
    ...(domain !== undefined && { domain }),
    ...(channel !== undefined && { channel }),
    ...(entityId !== undefined && { entityId }),
    ...(apiKey !== undefined && { apiKey }),
  };
}

function parseFile(path: string, text: string): TomlTable {
  try {
    return parse(text);
  } catch (cause) {
    throw invalid(path, messageOf(cause), cause);
  }
}

function isTable(value: TomlTable[string]): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);
}

function stringIn(table: TomlTable, name: string, where: string): string | undefined {
  const value = table[name];
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string") return value;
  throw invalid(where, `${name} is not a string`);
}

function invalid(where: string, reason: string, cause?: unknown): PropError {
  return new PropError({
    code: "CONFIG_INVALID",
    message: `${where}: ${reason}`,
    hint: 'a section, [manager], [proplet] or [proxy], has these keys: tenant_id = "…", channel_id = "…", entity_id = "…", api_key = "…"',
    exitCode: 2,
    cause,
  });
}
