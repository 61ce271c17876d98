/** A store whose disk is full for a while: what it answers then, and what is there afterwards, as JSON on stdout. */
import { execFileSync } from "node:child_process";
import { idleTask } from "../../src/model/testing/task.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";

/** Files of this process may grow to here, so that writing past it fails as on a full disk. Bytes, or "unlimited". */
function limitFiles(size: string): void {
  execFileSync("prlimit", ["--pid", `${process.pid}`, `--fsize=${size}:`]);
}
// The default is to end the process; ignored, the write itself fails.
process.on("SIGXFSZ", () => {});

const [path = ""] = process.argv.slice(2);
const store = openSqliteStore({ path });
const pair = (index: number) =>
  store.commit([
    { kind: "task", task: idleTask({ id: `a${index}`, metadata: "x".repeat(20_000) }) },
    { kind: "task", task: idleTask({ id: `b${index}` }) },
  ]);

limitFiles("1000000");
let written = 0;
let failure: { code?: string; message?: string } = {};
while (failure.code === undefined && written < 1_000) {
  await pair(written).then(
    () => {
      written += 1;
    },
    (error) => {
      failure = { code: error.code, message: error.message };
    },
  );
}
limitFiles("unlimited");
// The one that failed goes along with the next.
await store.commit([{ kind: "task", task: idleTask({ id: "last" }) }]);
await store.close();
console.log(JSON.stringify({ written, failure }));
