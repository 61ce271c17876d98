/** Why an attempt was lost: a cause, which is counted, and a reason in words, which people read. */

export type LossCause =
  /** Its proplet is a new process, which holds nothing of what it was given before. */
  | "restarted"
  /** Its proplet never said that it has it. */
  | "not_accepted"
  /** Its start never reached the broker, and nobody would have confirmed it. */
  | "not_sent"
  /** Its proplet says that it doesn't hold it. */
  | "not_held"
  /** It was stopped before its start was sent. */
  | "stopped"
  /** Its proplet was not heard for too long. */
  | "silent"
  /** Its proplet, or the broker in its name, said that it is gone. */
  | "gone";

export interface Loss {
  cause: LossCause;
  reason: string;
}
