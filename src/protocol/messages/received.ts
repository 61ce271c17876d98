/** The manager has a result on disk: the proplet may forget it. [E] */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Attempt, Id } from "./fields.ts";

export const Received = message({ task_id: Id, attempt: Type.Optional(Attempt) });
export type Received = Static<typeof Received>;
