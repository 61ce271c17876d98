import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, type MessageOf } from "./decode.ts";
import { encode } from "./message.ts";
import type { TopicKind } from "./topics.ts";

const id = fc.string({ minLength: 1, maxLength: 40 });
const propletId = id.filter((one) => !["+", "#", "/", "\u0000"].some((sign) => one.includes(sign)));
const text = fc.string();
const count = fc.nat();
const attempt = fc.integer({ min: 1, max: 1_000_000 });
const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);
const environment = fc.dictionary(
  fc.string().filter((key) => key !== "__proto__"),
  text,
);
const only = { requiredKeys: [] as never[] };

/** A generator of well-formed messages for every kind. */
const messages: { [K in TopicKind]: fc.Arbitrary<object> } = {
  discovery: fc.record(
    {
      proplet_id: propletId,
      namespace: text,
      metadata: fc.record({ os: text, tags: fc.array(text), total_memory_bytes: count }, only),
      features: fc.array(text),
      capacity: fc.record({ slots: attempt, capabilities: fc.array(text) }, { requiredKeys: ["slots"] }),
      boot_id: id,
    },
    { requiredKeys: ["proplet_id"] },
  ),
  heartbeat: fc.record(
    { proplet_id: propletId, status: text, namespace: text },
    { requiredKeys: ["proplet_id", "status"] },
  ),
  results: fc.record(
    {
      task_id: id,
      proplet_id: text,
      results: fc.jsonValue().filter((value) => value !== null),
      error: text,
      attempt,
    },
    { requiredKeys: ["task_id"] },
  ),
  invokeResults: fc.record({ task_id: id, invocation_id: id, proplet_id: text, results: text, error: text }),
  propletMetrics: fc.record({
    proplet_id: id,
    timestamp: fc.oneof(count, fc.record({ secs_since_epoch: count, nanos_since_epoch: count })),
  }),
  taskMetrics: fc.record({
    task_id: id,
    metrics: fc.record({ memory_bytes: count, cpu_percent: count }, only),
  }),
  accepted: fc.record({ task_id: id, attempt, proplet_id: id }),
  logs: fc.record({ task_id: id, stream: fc.constantFrom("stdout", "stderr"), seq: count, data: text }),
  start: fc.record(
    {
      id,
      name: text,
      image_url: text,
      inputs: fc.array(fc.oneof(text, fc.integer())),
      cli_args: fc.array(text),
      env: environment,
      daemon: fc.boolean(),
      attempt,
      digest,
      limits: fc.record({ wall_time_ms: attempt }),
    },
    { requiredKeys: ["id", "name"] },
  ),
  stop: fc.record({ id, broadcast: fc.boolean(), proplet_id: text }, { requiredKeys: ["id"] }),
  invoke: fc.record(
    { id, invocation_id: id, inputs: fc.array(text), env: environment },
    { requiredKeys: ["id", "invocation_id"] },
  ),
  received: fc.record({ task_id: id, attempt }),
  announce: fc.record({ proplet_id: id }),
  imageRequest: fc.record(
    { app_name: id, digest, have_chunks: fc.array(count) },
    { requiredKeys: ["app_name"] },
  ),
  chunk: fc.record({ app_name: id, chunk_idx: count, total_chunks: attempt, data: text }),
  roundStart: fc.record({
    round_id: id,
    model_uri: id,
    task_wasm_image: id,
    participants: fc.array(id, { minLength: 1 }),
  }),
};
const kinds = Object.keys(messages) as TopicKind[];

function decodeAny(kind: TopicKind, payload: Uint8Array) {
  const one: (payload: Uint8Array) => { ok: boolean; message?: unknown; reason?: string } = decode[kind];
  return one(payload);
}
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

describe.each(kinds)("a %s message", (kind) => {
  it("comes back from the wire as it was sent, with fields nobody knows", () => {
    fc.assert(
      fc.property(messages[kind], fc.jsonValue(), (message, extra) => {
        const sent = { ...message, field_of_the_future: extra };
        const decoded = decodeAny(kind, Buffer.from(encode(sent)));
        expect(decoded).toEqual({ ok: true, message: JSON.parse(JSON.stringify(sent)) });
      }),
    );
  });

  it("is refused with a reason, and never throws, whatever the bytes are", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((json) => Buffer.from(json)),
        ),
        (payload) => {
          const decoded = decodeAny(kind, payload);
          if (!decoded.ok) expect(decoded.reason).toMatch(/^\w[\w ]+: ./);
        },
      ),
    );
  });

  it("is refused where a field has the wrong type, which the reason names", () => {
    fc.assert(
      fc.property(messages[kind], (message) => {
        const [field] = Object.keys(message);
        const decoded = decodeAny(kind, bytes({ ...message, [field ?? ""]: { wrong: true } }));
        expect(decoded).toMatchObject({ ok: false, reason: expect.stringContaining(field ?? "") });
      }),
    );
  });

  it.each(["null", "[]", "1", '"text"', "", "{", "{}", "\u0000"])("is not %j", (text) => {
    expect(decodeAny(kind, Buffer.from(text)).ok).toBe(false);
  });
});

describe("decode", () => {
  it("takes null in an optional field for absent, as Go and Rust peers write it", () => {
    const payload = bytes({ task_id: "t", proplet_id: null, results: "5", error: null });
    expect(decode.results(payload)).toEqual({ ok: true, message: { task_id: "t", results: "5" } });
    const discovery = bytes({ proplet_id: "p", metadata: { os: "linux", tags: null, ip: null } });
    expect(decode.discovery(discovery)).toEqual({
      ok: true,
      message: { proplet_id: "p", metadata: { os: "linux" } },
    });
  });

  it("takes inputs as numbers too", () => {
    const decoded = decode.start(bytes({ id: "t", name: "add", inputs: [1, "2"], cli_args: null }));
    expect(decoded).toEqual({ ok: true, message: { id: "t", name: "add", inputs: [1, "2"] } });
  });

  it("refuses text that is not UTF-8", () => {
    const payload = Buffer.concat([
      Buffer.from('{"proplet_id":"'),
      Buffer.from([0xff]),
      Buffer.from('","status":"alive"}'),
    ]);
    expect(decode.heartbeat(payload)).toEqual({ ok: false, reason: "heartbeat: the payload is not UTF-8" });
  });

  it.each(["a/b", "+", "#", "a\u0000"])(
    "refuses a proplet whose id %j could be no level of a topic",
    (proplet_id) => {
      expect(decode.heartbeat(bytes({ proplet_id, status: "alive" })).ok).toBe(false);
      expect(decode.discovery(bytes({ proplet_id })).ok).toBe(false);
    },
  );

  it("names the field that is wrong", () => {
    const decoded = decode.discovery(bytes({ proplet_id: "p", metadata: { tags: [1] } }));
    expect(decoded).toMatchObject({ ok: false, reason: expect.stringContaining("metadata.tags") });
  });

  it("has no way into an object's prototype", () => {
    const decoded = decode.heartbeat(
      Buffer.from('{"proplet_id":"p","status":"alive","__proto__":{"polluted":1}}'),
    );
    expect(decoded.ok).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

const typed: MessageOf["start"] = { id: "t", name: "add" };
it("types a message by its schema", () =>
  expect(decode.start(bytes(typed))).toEqual({ ok: true, message: typed }));
