/** A proplet has taken a start over: Scheduled becomes Running. [E] */
import type { Static } from "typebox";
import { message } from "../message.ts";
import { Attempt, Id } from "./fields.ts";

export const Accepted = message({ task_id: Id, attempt: Attempt, proplet_id: Id });
export type Accepted = Static<typeof Accepted>;
