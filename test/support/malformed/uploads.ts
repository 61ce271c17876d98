/** Uploads that hold no module: multipart that is cut, misnamed, or about something else. */
import type { Random } from "./random.ts";

const MODULE = Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]);

interface Part {
  field?: string;
  filename?: string;
  content?: Buffer;
}

function multipart({ field = "file", filename = "a.wasm", content = MODULE }: Part, boundary = "b"): Buffer {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${filename}"\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

const whole = multipart({});
const bodies: ((random: Random) => Buffer)[] = [
  () => Buffer.alloc(0),
  () => multipart({ field: "fil" }),
  () => multipart({ field: "__proto__" }),
  () => multipart({ filename: "a.txt" }),
  () => multipart({ filename: "../../../etc/passwd" }),
  () => multipart({ content: Buffer.from("not a module") }),
  () => multipart({ content: Buffer.alloc(0) }),
  () => multipart({ content: MODULE.subarray(0, 3) }),
  () => multipart({}, "another"),
  // Within the part: what is cut off later may be whole for a lenient reader.
  (random) => whole.subarray(0, random.below(whole.length - 20)),
  () => Buffer.from('{"file":"a.wasm"}'),
];

const types = ["multipart/form-data; boundary=b"];
const otherTypes = [
  "multipart/form-data",
  "multipart/form-data; boundary=",
  "multipart/mixed; boundary=b",
  "application/wasm",
];

/** Headers and body of an upload that has to be refused. */
export function brokenUpload(random: Random): { headers: Record<string, string>; body: Buffer } {
  const isTyped = random.below(4) > 0;
  const body = isTyped ? random.pick(bodies)(random) : whole;
  return { headers: { "content-type": random.pick(isTyped ? types : otherTypes) }, body };
}
