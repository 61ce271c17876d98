/** What a running `prop dev` leaves for others to find it: `dev.json`. */
import { readdir, rm } from "node:fs/promises";
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
  /** Of its registry, as it stands in references: `127.0.0.1:5000`. */
  registry: Type.Optional(Type.String()),
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

/** Records a running `prop dev` in its data folder, and among those of this user. */
export async function writeDevRecord(record: DevRecord, env: Environment): Promise<void> {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  await Promise.all(pathsOf(record, env).map((path) => writePrivateFile(path, text)));
}

/** Takes a record back. That of another process, started since, stays. */
export async function removeDevRecord(record: DevRecord, env: Environment): Promise<void> {
  await Promise.all(
    pathsOf(record, env).map(async (path) => {
      const found = await readRecord(path);
      if (found?.pid === record.pid && found.startedAt === record.startedAt) await rm(path, { force: true });
    }),
  );
}

/**
 * Finds the `prop dev` that commands in `cwd` talk to: that of the nearest `.prop` upwards whose process lives, else
 * the one of this user that was started last and still runs.
 */
export async function findDevRecord(cwd: string, env: Environment): Promise<DevRecord | undefined> {
  for (const dir of upwards(resolve(cwd))) {
    const record = await readDevRecord(join(dir, dataDirName));
    if (record !== undefined && isProcessAlive(record.pid)) return record;
  }
  return latest(await runningOf(env));
}

function pathsOf({ dataDir, pid }: DevRecord, env: Environment): string[] {
  return [join(dataDir, fileName), join(userFolder(env), `${pid}.json`)];
}

const userFolder = (env: Environment) => join(stateDir(env), "dev");

/** Those of this user whose processes live; what killed ones left is cleared away. */
async function runningOf(env: Environment): Promise<DevRecord[]> {
  const names = await readdir(userFolder(env)).catch(() => []);
  const running: DevRecord[] = [];
  for (const name of names) {
    const path = join(userFolder(env), name);
    const record = await readRecord(path);
    if (record !== undefined && isProcessAlive(record.pid)) running.push(record);
    else await rm(path, { force: true });
  }
  return running;
}

function latest(records: DevRecord[]): DevRecord | undefined {
  return records.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0];
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
