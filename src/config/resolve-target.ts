/** Which manager a command talks to. */
import { findDevRecord } from "./dev-record.ts";
import { devTarget, parseTargetUrl, readTargets, targetNotFound } from "./targets.ts";
import type { Environment } from "./user-dirs.ts";

export interface Target {
  name: string;
  url: string;
  token?: string;
}

/** Where a manager listens that nobody told otherwise. */
const defaultUrl = "http://127.0.0.1:7070";

export interface ResolveOptions {
  /** What `--target` says: a name or a URL. */
  flag: string | undefined;
  env: Environment;
  /** Where `dev` is looked for. */
  cwd: string;
}

/**
 * Resolves the target, with the token that `PROP_TOKEN` has, else its own: `--target`, else `PROP_TARGET`, else the one that `prop target use` set, else `dev`.
 * @throws PropError `TARGET_NOT_FOUND`, `TARGET_URL_INVALID`, `TARGETS_INVALID`
 */
export async function resolveTarget(options: ResolveOptions): Promise<Target> {
  const target = await findTarget(options);
  const token = nonEmpty(options.env.PROP_TOKEN);
  return token === undefined ? target : { ...target, token };
}

async function findTarget({ flag, env, cwd }: ResolveOptions): Promise<Target> {
  const asked = flag ?? nonEmpty(env.PROP_TARGET);
  if (asked?.includes("://")) return { name: asked, url: parseTargetUrl(asked) };
  const { current, targets } = await readTargets(env);
  const name = asked ?? current ?? devTarget;
  if (name === devTarget) {
    return { name, url: (await findDevRecord(cwd, env))?.url ?? defaultUrl };
  }
  const found = Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (found === undefined) throw targetNotFound(name, targets);
  return { name, ...found };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
