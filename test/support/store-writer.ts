/** Writes tasks for ever and prints each id once it is acknowledged: for tests that kill it in the middle. */
import { writeSync } from "node:fs";
import { idleTask } from "../../src/model/testing/task.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";

const [path = "", prefix = ""] = process.argv.slice(2);
const store = openSqliteStore({ path });
for (let round = 0; ; round++) {
  const ids = Array.from({ length: 20 }, (_, index) => `${prefix}-${round}-${index}`);
  await Promise.all(
    ids.map(async (id) => {
      await store.commit([{ kind: "task", task: idleTask({ id }) }]);
      writeSync(1, `${id}\n`);
    }),
  );
}
