/** Names what V8 throws out of WebAssembly code in the words that users of other runtimes know. */

const reasons: [start: string, reason: string][] = [
  ["unreachable", "unreachable"],
  ["divide by zero", "integer divide by zero"],
  ["remainder by zero", "integer divide by zero"],
  ["divide result unrepresentable", "integer overflow"],
  ["float unrepresentable in integer range", "invalid conversion to integer"],
  ["memory access out of bounds", "out of bounds memory access"],
  ["data segment", "out of bounds memory access"],
  ["table index is out of bounds", "undefined element: out of bounds table access"],
  ["table access out of bounds", "out of bounds table access"],
  ["element segment", "out of bounds table access"],
  ["null function or function signature mismatch", "indirect call type mismatch"],
  ["function signature mismatch", "indirect call type mismatch"],
  ["dereferencing a null pointer", "null reference"],
  ["illegal cast", "cast failure"],
  ["array access out of bounds", "out of bounds array access"],
  ["operation does not support unaligned accesses", "unaligned atomic"],
];

/** @returns the reason of a trap, or undefined for what no module can cause: a bug of ours. */
export function trapReason(error: unknown): string | undefined {
  if (error instanceof RangeError && error.message.includes("call stack")) return "call stack exhausted";
  if (error instanceof WebAssembly.Exception) return "uncaught exception";
  if (!(error instanceof WebAssembly.RuntimeError)) return undefined;
  const message = error.message.replace(/^WebAssembly\.\w+\(\): /, "");
  return reasons.find(([start]) => message.startsWith(start))?.[1] ?? message;
}

/** Whether the machine had no memory left for the instance. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError && /could not allocate|Out of memory/i.test(error.message);
}
