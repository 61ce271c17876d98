/** The manager asks a proplet to introduce itself once more: it missed the discovery, or wants to know what is held. [E] */
import type { Static } from "typebox";
import { message } from "../message.ts";
import { Id } from "./fields.ts";

export const Announce = message({ proplet_id: Id });
export type Announce = Static<typeof Announce>;
