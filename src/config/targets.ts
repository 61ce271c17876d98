/** The named targets of a user, in `targets.json`. */
import { join } from "node:path";
import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { PropError } from "../errors.ts";
import { readTextIfThere, writePrivateFile } from "./private-file.ts";
import { configDir, type Environment } from "./user-dirs.ts";

const schema = Type.Object({
  /** Set by `prop target use`. */
  current: Type.Optional(Type.String()),
  targets: Type.Record(
    Type.String(),
    Type.Object({ url: Type.String(), token: Type.Optional(Type.String()) }),
  ),
});
export type Targets = Static<typeof schema>;

/** The target that is always there: the `prop dev` of this machine. */
export const devTarget = "dev";

/** @throws PropError `TARGETS_INVALID` */
export async function readTargets(env: Environment): Promise<Targets> {
  const path = targetsPath(env);
  const text = await readTextIfThere(path);
  return text === undefined ? { targets: {} } : parseTargets(text, path);
}

/**
 * Adds a named target, or changes one.
 * @throws PropError `TARGET_NAME_INVALID`, `TARGET_URL_INVALID`
 */
export async function addTarget(
  env: Environment,
  name: string,
  target: { url: string; token?: string },
): Promise<void> {
  checkTargetName(name);
  const url = parseTargetUrl(target.url);
  const { targets, ...rest } = await readTargets(env);
  await write(env, { ...rest, targets: { ...targets, [name]: { ...target, url } } });
}

/** Removes a named target; where it was the current one, `dev` is again. @throws PropError `TARGET_NOT_FOUND` */
export async function removeTarget(env: Environment, name: string): Promise<void> {
  const { current, targets } = await readTargets(env);
  if (!Object.hasOwn(targets, name)) throw targetNotFound(name, targets);
  const { [name]: _, ...others } = targets;
  await write(env, { ...(current === undefined || current === name ? {} : { current }), targets: others });
}

/** Makes a target the one that commands talk to where nothing else is said. @throws PropError `TARGET_NOT_FOUND` */
export async function useTarget(env: Environment, name: string): Promise<void> {
  const { targets } = await readTargets(env);
  if (name !== devTarget && !Object.hasOwn(targets, name)) throw targetNotFound(name, targets);
  await write(env, { ...(name === devTarget ? {} : { current: name }), targets });
}

/** Reads the URL of a manager, without what comes after its path. @throws PropError `TARGET_URL_INVALID` */
export function parseTargetUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") {
    throw new PropError({
      code: "TARGET_URL_INVALID",
      message: `"${text}" is not the URL of a manager`,
      hint: "Write it like http://127.0.0.1:7070",
      exitCode: 2,
    });
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** Whether what is sent to a manager leaves this machine unencrypted. */
export function isReadableOnTheWay(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "http:" && !/^(localhost|127\..*|\[::1\])$/.test(url.hostname);
}

export function targetNotFound(name: string, targets: Targets["targets"]): PropError {
  const known = [devTarget, ...Object.keys(targets)].join(", ");
  return new PropError({
    code: "TARGET_NOT_FOUND",
    message: `there is no target "${name}"`,
    hint: `There is: ${known}\nAdd it with: prop target add ${name} http://127.0.0.1:7070`,
    exitCode: 2,
  });
}

function checkTargetName(name: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/i.test(name) && name !== devTarget) return;
  const reserved = name === devTarget;
  throw new PropError({
    code: "TARGET_NAME_INVALID",
    message: reserved
      ? `"${devTarget}" is always the prop dev of this machine`
      : `"${name}" is no target's name`,
    hint: "Take letters, digits, dots, hyphens and underscores: prop target add staging http://127.0.0.1:7070",
    exitCode: 2,
  });
}

function targetsPath(env: Environment): string {
  return join(configDir(env), "targets.json");
}

function write(env: Environment, targets: Targets): Promise<void> {
  return writePrivateFile(targetsPath(env), `${JSON.stringify(targets, null, 2)}\n`);
}

function parseTargets(text: string, path: string): Targets {
  try {
    const value: unknown = JSON.parse(text);
    if (Value.Check(schema, value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new PropError({
    code: "TARGETS_INVALID",
    message: `${path} is not a list of targets`,
    hint: "Mend it, or remove it and add the targets again with: prop target add",
  });
}
