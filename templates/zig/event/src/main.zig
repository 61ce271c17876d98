//! Reads an event such as {"celsius":21.5} and answers {"fahrenheit":70.7}.
const std = @import("std");
const wasi = @import("wasi.zig");

const Reading = struct { celsius: f64 };

var input: [65536]u8 = undefined;
var memory: [65536]u8 = undefined;

pub fn main() u8 {
    var arena = std.heap.FixedBufferAllocator.init(&memory);
    const options = std.json.ParseOptions{ .ignore_unknown_fields = true };
    const event = std.json.parseFromSliceLeaky(Reading, arena.allocator(), wasi.readInput(&input), options) catch {
        wasi.printError("the event has no number \"celsius\"\n");
        return 1;
    };
    var buffer: [512]u8 = undefined;
    const answer = std.fmt.bufPrint(&buffer, "{{\"fahrenheit\":{d}}}\n", .{event.celsius * 9 / 5 + 32}) catch return 1;
    wasi.print(answer);
    return 0;
}
