/** The functions of WASI preview 1 and their parameters: `i` is an i32, `I` an i64. All return an errno, but one. */
import type { FunctionImport } from "../module-sections.ts";

const parameters: Record<string, string> = {
  args_get: "ii",
  args_sizes_get: "ii",
  environ_get: "ii",
  environ_sizes_get: "ii",
  clock_res_get: "ii",
  clock_time_get: "iIi",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_datasync: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_prestat_dir_name: "iii",
  fd_prestat_get: "ii",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
  proc_exit: "i",
  proc_raise: "i",
  random_get: "ii",
  sched_yield: "",
  sock_accept: "iii",
  sock_recv: "iiiiii",
  sock_send: "iiiii",
  sock_shutdown: "ii",
};

/**
 * Their structures are laid out otherwise in `wasi_unstable`, which came before preview 1. It also numbers the
 * `whence` of `fd_seek` otherwise, which a stream, all there is to seek in, never looks at.
 */
const changedSinceUnstable = new Set(["fd_filestat_get", "path_filestat_get", "poll_oneoff"]);

export const preview1 = "wasi_snapshot_preview1";
export const unstable = "wasi_unstable";

/** Whether a function of that name is there, in that version of WASI. */
export function isProvided(module: string, name: string): boolean {
  if (!Object.hasOwn(parameters, name)) return false;
  return module === preview1 || (module === unstable && !changedSinceUnstable.has(name));
}

/** Whether an import that `isProvided` has the parameters and result that WASI gives it. */
export function hasWasiSignature(wanted: FunctionImport): boolean {
  const given = wanted.parameters.map((type) => (type === "i32" ? "i" : type === "i64" ? "I" : "?")).join("");
  const results = wanted.name === "proc_exit" ? "" : "i32";
  return given === parameters[wanted.name] && wanted.results.join() === results;
}
