/** Fields that several messages share. */
import Type from "typebox";

export const Id = Type.String({ minLength: 1, maxLength: 256 });

/** Also a level of the topics that are a proplet's own: one that isn't could never be answered. */
export const PropletId = Type.String({ minLength: 1, maxLength: 256, pattern: "^[^+#/\\u0000]+$" });

/** Counted from 1 for each task; a proplet drops a start it has seen by (task, attempt). [E] */
export const Attempt = Type.Integer({ minimum: 1 });

/** `sha256:` and 64 hexadecimal digits. [E] */
export const Digest = Type.String({ pattern: "^sha256:[0-9a-f]{64}$" });

/** Numbers come from some clients; they mean the string they are written as. */
export const Inputs = Type.Array(Type.Union([Type.String(), Type.Number()]));

export const Environment = Type.Record(Type.String(), Type.String());

/** Rust peers send an object, Zephyr a number of milliseconds since its boot. */
export const Timestamp = Type.Union([
  Type.Object({ secs_since_epoch: Type.Number(), nanos_since_epoch: Type.Number() }),
  Type.Number(),
  Type.String(),
]);
