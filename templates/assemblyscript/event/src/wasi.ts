/** The few calls of WASI preview 1 that a handler needs. */

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: u32, iovs: usize, iovsLength: u32, read: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: u32, iovs: usize, iovsLength: u32, written: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(count: usize, size: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(pointers: usize, buffer: usize): u32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: u32): void;

const vector = memory.data(8, 4);
const count = memory.data(8, 4);

export function readInput(): string {
  let buffer = new ArrayBuffer(4096);
  let length = 0;
  while (true) {
    if (length == buffer.byteLength) {
      const larger = new ArrayBuffer(2 * length);
      memory.copy(changetype<usize>(larger), changetype<usize>(buffer), length);
      buffer = larger;
    }
    store<usize>(vector, changetype<usize>(buffer) + length);
    store<u32>(vector, buffer.byteLength - length, 4);
    if (fd_read(0, vector, 1, count) != 0) break;
    const read = load<u32>(count);
    if (read == 0) break;
    length += read;
  }
  return String.UTF8.decodeUnsafe(changetype<usize>(buffer), length);
}

export function print(text: string): void {
  write(1, text);
}

export function printError(text: string): void {
  write(2, text);
}

function write(fd: u32, text: string): void {
  const bytes = String.UTF8.encode(text);
  let done: u32 = 0;
  while (done < <u32>bytes.byteLength) {
    store<usize>(vector, changetype<usize>(bytes) + done);
    store<u32>(vector, bytes.byteLength - done, 4);
    if (fd_write(fd, vector, 1, count) != 0) return;
    done += load<u32>(count);
  }
}

/** A variable of the environment, "" where there is none. */
export function variable(name: string): string {
  environ_sizes_get(count, count + 4);
  const amount = load<u32>(count);
  const pointers = new ArrayBuffer(4 * amount);
  const buffer = new ArrayBuffer(load<u32>(count, 4));
  environ_get(changetype<usize>(pointers), changetype<usize>(buffer));
  for (let i: u32 = 0; i < amount; i++) {
    const pointer = load<usize>(changetype<usize>(pointers) + 4 * i);
    let length = 0;
    while (load<u8>(pointer + length) != 0) length++;
    const entry = String.UTF8.decodeUnsafe(pointer, length);
    if (entry.startsWith(name + "=")) return entry.slice(name.length + 1);
  }
  return "";
}

export function exit(code: u32): void {
  proc_exit(code);
}
