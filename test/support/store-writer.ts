/** Writes tasks for ever and prints each id once it is acknowledged: for tests that kill it in the middle. */
import { writeSync } from "node:fs";
import { TaskState } from "../../src/model/task-state.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";

const [path = "", prefix = ""] = process.argv.slice(2);
const store = openSqliteStore({ path });
for (let round = 0; ; round++) {
  const ids = Array.from({ length: 20 }, (_, index) => `${prefix}-${round}-${index}`);
  await Promise.all(
    ids.map(async (id) => {
      const task = {
        id,
        name: "add",
        kind: "standard",
        state: TaskState.Pending,
        daemon: false,
        latent: false,
        encrypted: false,
        pinned: false,
        priority: 50,
        created_at: "",
        attempt: 0,
        lost: 0,
      };
      await store.commit([{ kind: "task", task }]);
      writeSync(1, `${id}\n`);
    }),
  );
}
