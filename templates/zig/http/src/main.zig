//! Answers GET with the path and POST with what was posted.
const std = @import("std");
const wasi = @import("wasi.zig");

var body: [1 << 20]u8 = undefined;

pub fn main() void {
    const method = wasi.variable("REQUEST_METHOD");
    if (std.mem.eql(u8, method, "GET")) {
        wasi.print("Content-Type: text/plain\n\nhello from ");
        wasi.print(wasi.variable("PATH_INFO"));
        wasi.print("\n");
    } else if (std.mem.eql(u8, method, "POST")) {
        const content_type = wasi.variable("CONTENT_TYPE");
        wasi.print("Content-Type: ");
        wasi.print(if (content_type.len == 0) "text/plain" else content_type);
        wasi.print("\n\n");
        wasi.print(wasi.readInput(&body));
    } else {
        wasi.print("Status: 405 Method Not Allowed\nAllow: GET, POST\n\n");
    }
}
