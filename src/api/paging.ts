/** Pages: `?offset=0&limit=100`, answered as `{offset, limit, total, <items>}`. */
import Type from "typebox";
import type { Page } from "../manager/manager.ts";

export const DEFAULT_LIMIT = 100;
export const LONGEST_PAGE = 1_000;

export function limitFrom(minimum: number) {
  const range = { minimum, maximum: LONGEST_PAGE, default: DEFAULT_LIMIT };
  return Type.Optional(Type.Integer({ ...range, "x-invalid": "invalid limit size" }));
}

/** The query parameters of every page, to spread into a schema. A limit of 0 asks for the total alone. */
export const pageQuery = {
  offset: Type.Optional(Type.Integer({ minimum: 0, default: 0, "x-invalid": "invalid offset" })),
  limit: limitFrom(0),
};

export const PageQuery = Type.Object(pageQuery);

export function pageOf({ offset = 0, limit = DEFAULT_LIMIT }: Partial<Page>): Page {
  return { offset, limit };
}
