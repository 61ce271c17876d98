/** Where this user's files lie (XDG Base Directory Specification). */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the user set, for long: `$XDG_CONFIG_HOME/prop`, else `~/.config/prop`. */
export function configDir(env: Environment): string {
  return join(absolute(env.XDG_CONFIG_HOME) ?? join(home(env), ".config"), "prop");
}

/** What is only remembered: `$XDG_STATE_HOME/prop`, else `~/.local/state/prop`. */
export function stateDir(env: Environment): string {
  return join(absolute(env.XDG_STATE_HOME) ?? join(home(env), ".local", "state"), "prop");
}

/** What belongs to this user and is worth keeping: `$XDG_DATA_HOME/prop`, else `~/.local/share/prop`. */
export function dataDir(env: Environment): string {
  return join(absolute(env.XDG_DATA_HOME) ?? join(home(env), ".local", "share"), "prop");
}

/** What can be had again: `$PROP_CACHE_DIR`, else `$XDG_CACHE_HOME/prop`, else `~/.cache/prop`. */
export function cacheDir(env: Environment): string {
  return (
    absolute(env.PROP_CACHE_DIR) ?? join(absolute(env.XDG_CACHE_HOME) ?? join(home(env), ".cache"), "prop")
  );
}

function home(env: Environment): string {
  return absolute(env.HOME) ?? homedir();
}

/** The specification tells to ignore a path that isn't absolute. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
