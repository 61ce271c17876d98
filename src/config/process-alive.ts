/** Whether a process lives. */
import { readFileSync } from "node:fs";
import { systemCode } from "../errors.ts";

/** True while the process `pid` runs: one that ended and that nobody waited for (a zombie) doesn't. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch (error) {
    return systemCode(error) === "ENOENT" || systemCode(error) === "ESRCH";
  }
}
