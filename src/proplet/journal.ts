/** An append-only file of lines, written in groups: all that waits goes with one write. */
import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, PropError, systemCode } from "../errors.ts";

export interface Journal {
  /** The lines it had when it was opened. The last one may be torn. */
  readonly recovered: readonly string[];
  readonly sizeBytes: number;
  /** Queues a line; `then` is called once it is written, or can't be. */
  append(line: string, then?: () => void): void;
  /** Queues a line that nobody waits for: it is written with the next ones, or a little later. */
  appendLater(line: string): void;
  /** Queues a rewrite: in its turn the file holds only what `lines` gives then. */
  replace(lines: () => readonly string[]): void;
  /** Resolves when nothing is queued. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface JournalOptions {
  path: string;
  /** Hears when the disk refuses a write (it is full), at the first one and after each that worked again. */
  onFailure: (error: unknown) => void;
}

/** How long a line waits that nobody waits for. Milliseconds. */
const LATER_MS = 50;
/** So many lines in one write mean load: the next write gathers for a while, so that fewer carry more. */
const LARGE_BATCH = 8;
const GATHER_MS = 1;

/** @throws PropError `DATA_DIR_UNUSABLE` */
export async function openJournal({ path, onFailure }: JournalOptions): Promise<Journal> {
  const text = await openingText(path);
  let file = await openFile(path);
  let sizeBytes = Buffer.byteLength(text);
  let isTorn = text !== "" && !text.endsWith("\n");
  let isFailing = false;
  let lines: string[] = [];
  let calls: (() => void)[] = [];
  let rewrite: (() => readonly string[]) | undefined;
  let writing: Promise<void> | undefined;
  let later: NodeJS.Timeout | undefined;

  async function attempt(write: () => Promise<void>): Promise<void> {
    try {
      await write();
      isFailing = false;
    } catch (error) {
      isTorn = true;
      if (!isFailing) onFailure(error);
      isFailing = true;
    }
  }

  async function appendLines(batch: readonly string[]): Promise<void> {
    const data = Buffer.from(`${isTorn ? "\n" : ""}${batch.join("\n")}\n`);
    await file.appendFile(data);
    isTorn = false;
    sizeBytes += data.byteLength;
  }

  async function replaceWith(kept: readonly string[]): Promise<void> {
    const data = Buffer.from(kept.map((line) => `${line}\n`).join(""));
    const temporary = `${path}.${randomUUID()}`;
    await writeFile(temporary, data);
    await rename(temporary, path);
    await file.close();
    file = await openFile(path);
    isTorn = false;
    sizeBytes = data.byteLength;
  }

  async function drain(): Promise<void> {
    clearTimeout(later);
    later = undefined;
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (lines.length > 0 || rewrite !== undefined) {
      const batch = lines;
      const then = calls;
      const kept = rewrite;
      lines = [];
      calls = [];
      rewrite = undefined;
      if (batch.length > 0) await attempt(() => appendLines(batch));
      for (const call of then) call();
      if (kept !== undefined) await attempt(() => replaceWith(kept()));
      if (batch.length >= LARGE_BATCH) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    }
    writing = undefined;
  }

  function write(): void {
    writing ??= drain();
  }

  return {
    recovered: text.split("\n").filter((line) => line !== ""),
    get sizeBytes() {
      return sizeBytes;
    },
    append(line, then) {
      lines.push(line);
      if (then !== undefined) calls.push(then);
      write();
    },
    appendLater(line) {
      lines.push(line);
      if (writing === undefined) later ??= setTimeout(write, LATER_MS);
    },
    replace(kept) {
      rewrite = kept;
      write();
    },
    async flush() {
      if (lines.length > 0) write();
      await writing;
    },
    async close() {
      if (lines.length > 0) write();
      await writing;
      await file.close();
    },
  };
}

async function openingText(path: string): Promise<string> {
  try {
    await mkdir(dirname(path), { recursive: true });
    // A device has no lines to recover, and may never end.
    return (await stat(path)).isFile() ? await readFile(path, "utf8") : "";
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return "";
    throw unusable(path, cause);
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "a");
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function unusable(path: string, cause: unknown): PropError {
  return new PropError({
    code: "DATA_DIR_UNUSABLE",
    message: `cannot keep results in ${path}: ${messageOf(cause)}`,
    hint: "give another folder with --data, or let this user write to it",
    cause,
  });
}
