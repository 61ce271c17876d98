//! The few calls of WASI preview 1 that a handler needs.

const Part = extern struct { pointer: [*]u8, length: usize };
const ConstPart = extern struct { pointer: [*]const u8, length: usize };

extern "wasi_snapshot_preview1" fn fd_read(fd: i32, parts: *const Part, count: usize, read: *usize) u16;
extern "wasi_snapshot_preview1" fn fd_write(fd: i32, parts: *const ConstPart, count: usize, written: *usize) u16;
extern "wasi_snapshot_preview1" fn environ_sizes_get(count: *usize, size: *usize) u16;
extern "wasi_snapshot_preview1" fn environ_get(pointers: [*][*:0]const u8, buffer: [*]u8) u16;

/// All of stdin that fits.
pub fn readInput(into: []u8) []u8 {
    var length: usize = 0;
    while (length < into.len) {
        var read: usize = 0;
        const part = Part{ .pointer = into.ptr + length, .length = into.len - length };
        if (fd_read(0, &part, 1, &read) != 0 or read == 0) break;
        length += read;
    }
    return into[0..length];
}

pub fn print(text: []const u8) void {
    write(1, text);
}

pub fn printError(text: []const u8) void {
    write(2, text);
}

fn write(fd: i32, text: []const u8) void {
    var done: usize = 0;
    while (done < text.len) {
        var written: usize = 0;
        const part = ConstPart{ .pointer = text.ptr + done, .length = text.len - done };
        if (fd_write(fd, &part, 1, &written) != 0) return;
        done += written;
    }
}

var pointers: [1024][*:0]const u8 = undefined;
var values: [65536]u8 = undefined;

/// A variable of the environment, "" where there is none.
pub fn variable(name: []const u8) []const u8 {
    var count: usize = 0;
    var size: usize = 0;
    if (environ_sizes_get(&count, &size) != 0 or count > pointers.len or size > values.len) return "";
    if (environ_get(&pointers, &values) != 0) return "";
    for (pointers[0..count]) |entry| {
        var length: usize = 0;
        while (length < name.len and entry[length] == name[length]) length += 1;
        if (length < name.len or entry[length] != '=') continue;
        const value = entry + length + 1;
        var end: usize = 0;
        while (value[end] != 0) end += 1;
        return value[0..end];
    }
    return "";
}
