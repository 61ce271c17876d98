/** Why an attempt was lost, in a few words that are the same for all of a kind: labels of a metric stay few. */

const classes = [
  [/restarted/, "restarted"],
  [/did not accept/, "not_accepted"],
  [/could not be sent/, "not_sent"],
  [/doesn't hold/, "not_held"],
  [/stopped/, "stopped"],
  [/drain/, "drained"],
  [/was not heard/, "silent"],
  [/is gone/, "gone"],
] as const;

export function lossClass(reason: string | undefined): string {
  return classes.find(([pattern]) => pattern.test(reason ?? ""))?.[1] ?? "other";
}
