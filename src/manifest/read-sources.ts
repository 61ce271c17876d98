/** What `-f` names: files, folders of files, and stdin. */
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { messageOf, PropError, systemCode } from "../errors.ts";

export interface Source {
  /** How problems name it. */
  name: string;
  text: string;
  /** What paths in it are relative to. */
  folder: string;
}

const endings = [".yaml", ".yml", ".json"];

/** @throws PropError `FILE_NOT_FOUND`, `USAGE` for a URL */
export async function readSources(names: readonly string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const name of names) sources.push(...(await readSource(name)));
  return sources;
}

async function readSource(name: string): Promise<Source[]> {
  if (name === "-") return [{ name: "stdin", text: await text(process.stdin), folder: process.cwd() }];
  if (/^[a-z]+:\/\//i.test(name)) throw noUrl(name);
  return reading(name, async () => {
    if (!(await stat(name)).isDirectory()) return [await readOne(name)];
    const inside = (await readdir(name)).filter((file) => endings.some((ending) => file.endsWith(ending)));
    if (inside.length === 0) throw nothingIn(name);
    return Promise.all(inside.sort().map((file) => readOne(join(name, file))));
  });
}

async function readOne(path: string): Promise<Source> {
  return { name: path, text: await readFile(path, "utf8"), folder: dirname(path) };
}

async function reading<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined) throw cause;
    const reason = code === "ENOENT" ? "is not there" : `cannot be read: ${messageOf(cause)}`;
    throw new PropError({ code: "FILE_NOT_FOUND", message: `${name} ${reason}`, cause });
  }
}

function noUrl(name: string): PropError {
  return new PropError({
    code: "USAGE",
    message: `-f ${name}: a URL is not taken`,
    hint: `Fetch it yourself, and look at it: curl -fsSL ${name} | prop apply -f -`,
    exitCode: 2,
  });
}

function nothingIn(name: string): PropError {
  return new PropError({
    code: "FILE_NOT_FOUND",
    message: `${name} has no ${endings.join(", ")} file`,
    hint: "Folders inside it are not looked at.",
  });
}
