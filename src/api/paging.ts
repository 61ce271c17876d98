/** Pages: `?offset=0&limit=100`, answered as `{offset, limit, total, <items>}`. */
import Type from "typebox";
import type { Page } from "../manager/manager.ts";

export const DEFAULT_LIMIT = 100;
export const LONGEST_PAGE = 1_000;

/** The query parameters of every page, to spread into a schema. */
export const pageQuery = {
  offset: Type.Optional(Type.Integer({ minimum: 0, default: 0, "x-invalid": "invalid offset" })),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: LONGEST_PAGE,
      default: DEFAULT_LIMIT,
      "x-invalid": "invalid limit size",
    }),
  ),
};

export const PageQuery = Type.Object(pageQuery);

export function pageOf({ offset = 0, limit = DEFAULT_LIMIT }: Partial<Page>): Page {
  return { offset, limit };
}
