/** What the tasks of a chaos run do: some work, and a result that tells whose it is; one in fifty traps. */
import { assemble } from "../../src/engine/testing/wat.ts";

const SPIN = `(module (func (export "spin") (param $n i32) (param $work i32) (result i32)
  (if (i32.eq (i32.rem_u (local.get $n) (i32.const 50)) (i32.const 49)) (then unreachable))
  (loop $next
    (local.set $work (i32.sub (local.get $work) (i32.const 1)))
    (br_if $next (i32.gt_s (local.get $work) (i32.const 0))))
  (i32.add (i32.mul (local.get $n) (i32.const 7)) (i32.const 1))))`;

/** The module in base64. */
export async function spinModule(): Promise<string> {
  return Buffer.from(await assemble(SPIN)).toString("base64");
}

/** What `spin` answers for a number; undefined where it traps. */
export function resultFor(n: number): string | undefined {
  return n % 50 === 49 ? undefined : String(n * 7 + 1);
}
