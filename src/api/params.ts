/** What stands in the paths. */
import Type from "typebox";
import { PropletId } from "../protocol/messages/fields.ts";

export const TaskParams = Type.Object({
  id: Type.String({
    pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "x-invalid": "invalid query parameters",
  }),
});

/** Legacy proplets have UUIDs, ours may have names. */
export const PropletParams = Type.Object({
  id: Type.String({ minLength: 1, "x-invalid": "invalid query parameters" }),
});

/** Of one that nobody has heard yet: an id that can't be part of a topic never will be. */
export const DeclaredParams = Type.Object({
  id: Type.String({ ...PropletId, "x-invalid": "invalid query parameters" }),
});

export const FunctionParams = Type.Object({
  name: Type.String({ minLength: 1, "x-invalid": "invalid query parameters" }),
});
