/** WASI preview 1: files, directories and sockets. No run has any: its descriptors are streams, and say so. */
import { descriptorAt, type WasiContext, type WasiFunctions } from "./context.ts";
import { errno } from "./errno.ts";

/** What each function answers for a descriptor that is a stream. */
const streamAnswers = {
  fd_advise: errno.spipe,
  fd_allocate: errno.spipe,
  fd_datasync: errno.inval,
  fd_sync: errno.inval,
  fd_filestat_set_size: errno.inval,
  fd_filestat_set_times: errno.inval,
  fd_pread: errno.spipe,
  fd_pwrite: errno.spipe,
  fd_seek: errno.spipe,
  fd_tell: errno.spipe,
  fd_readdir: errno.notdir,
  fd_prestat_get: errno.badf,
  fd_prestat_dir_name: errno.badf,
  path_create_directory: errno.notdir,
  path_filestat_get: errno.notdir,
  path_filestat_set_times: errno.notdir,
  path_link: errno.notdir,
  path_open: errno.notdir,
  path_readlink: errno.notdir,
  path_remove_directory: errno.notdir,
  path_rename: errno.notdir,
  path_unlink_file: errno.notdir,
  sock_accept: errno.notsock,
  sock_recv: errno.notsock,
  sock_send: errno.notsock,
  sock_shutdown: errno.notsock,
};

export function fileFunctions(context: WasiContext): WasiFunctions {
  const answers = Object.entries(streamAnswers).map(([name, answer]): [string, WasiFunctions[string]] => [
    name,
    (fd: number) => {
      descriptorAt(context, fd);
      return answer;
    },
  ]);
  return {
    ...Object.fromEntries(answers),
    path_symlink: (_target: number, _length: number, fd: number) => {
      descriptorAt(context, fd);
      return errno.notdir;
    },
  };
}
