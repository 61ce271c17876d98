/** What a running `prop dev` leaves for others to find it: `dev.json`. */
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { readTextIfThere, writePrivateFile } from "./private-file.ts";
import { isProcessAlive } from "./process-alive.ts";
import { type Environment, stateDir } from "./user-dirs.ts";

const schema = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  /** Of the manager's HTTP API. */
  url: Type.String(),
  /** Address of the broker. */
  mqtt: Type.String(),
  /** What `GET /health` says of itself there. */
  instanceId: Type.String(),
  dataDir: Type.String(),
  /** RFC 3339. */
  startedAt: Type.String(),
});
export type DevRecord = Static<typeof schema>;

const fileName = "dev.json";
/** The folder of a project, or of any other, that holds what `prop dev` keeps. */
export const dataDirName = ".prop";

/** The record in a data folder; undefined where there is none that can be read. */
export function readDevRecord(dataDir: string): Promise<DevRecord | undefined> {
  return readRecord(join(dataDir, fileName));
}

/** Records a running `prop dev` in its data folder, and as the one that was started last. */
export async function writeDevRecord(record: DevRecord, env: Environment): Promise<void> {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  const paths = [join(record.dataDir, fileName), join(stateDir(env), fileName)];
  await Promise.all(paths.map((path) => writePrivateFile(path, text)));
}

/** Takes a record back. That of another process, started since, stays. */
export async function removeDevRecord(record: DevRecord, env: Environment): Promise<void> {
  const paths = [join(record.dataDir, fileName), join(stateDir(env), fileName)];
  await Promise.all(
    paths.map(async (path) => {
      const found = await readRecord(path);
      if (found?.pid === record.pid && found.startedAt === record.startedAt) await rm(path, { force: true });
    }),
  );
}

/**
 * Finds the `prop dev` that commands in `cwd` talk to: that of the nearest `.prop` upwards whose process lives, else
 * the one that was started last.
 */
export async function findDevRecord(cwd: string, env: Environment): Promise<DevRecord | undefined> {
  for (const dir of upwards(resolve(cwd))) {
    const record = await readDevRecord(join(dir, dataDirName));
    if (record !== undefined && isProcessAlive(record.pid)) return record;
  }
  const last = await readRecord(join(stateDir(env), fileName));
  return last !== undefined && isProcessAlive(last.pid) ? last : undefined;
}

function* upwards(dir: string): Generator<string> {
  yield dir;
  const parent = dirname(dir);
  if (parent !== dir) yield* upwards(parent);
}

async function readRecord(path: string): Promise<DevRecord | undefined> {
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(schema, value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
