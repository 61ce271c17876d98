/** Lists: of tags, repositories and referrers, by pages (distribution spec 1.1, "Listing Tags", "Listing Referrers"). */
import type { Referrer } from "./catalog.ts";
import type { Context, Exchange } from "./context.ts";
import { Refusal } from "./refusal.ts";

/** More than any client wants to read at once, with room for many pages of what is usual. */
const REFERRERS_A_PAGE = 1_000;
const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

export function listTags({ catalog }: Context, exchange: Exchange, { repository }: { repository: string }) {
  if (!catalog.hasRepository(repository)) {
    throw new Refusal({ code: "NAME_UNKNOWN", message: `there is no repository ${repository}` });
  }
  const { n, after } = pageOf(exchange);
  const tags = page(exchange, `/v2/${repository}/tags/list`, n, (limit) =>
    catalog.tag.list(repository, { after, limit }),
  );
  return exchange.reply.send({ name: repository, tags });
}

export function listRepositories({ catalog }: Context, exchange: Exchange) {
  const { n, after } = pageOf(exchange);
  const repositories = page(exchange, "/v2/_catalog", n, (limit) => catalog.repositories({ after, limit }));
  return exchange.reply.send({ repositories });
}

export function listReferrers(
  { catalog }: Context,
  { reply, query }: Exchange,
  { repository, digest }: { repository: string; digest: string },
) {
  const wanted = query.get("artifactType");
  const after = query.get("last") ?? "";
  const found = catalog.manifest.referrers(repository, digest, { after, limit: REFERRERS_A_PAGE });
  const last = found.at(-1);
  if (found.length === REFERRERS_A_PAGE && last !== undefined) {
    const next = new URLSearchParams({
      last: last.digest,
      ...(wanted === null ? {} : { artifactType: wanted }),
    });
    reply.header("link", `</v2/${repository}/referrers/${digest}?${next}>; rel="next"`);
  }
  if (wanted !== null) reply.header("oci-filters-applied", "artifactType");
  const manifests = found
    .filter(({ artifactType }) => wanted === null || artifactType === wanted)
    .map(descriptorOf);
  reply.headers({ "content-type": INDEX_TYPE, "cache-control": "no-cache" });
  // Of a text Fastify would say in which charset it is.
  return reply.send(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests })));
}

function descriptorOf({ mediaType, digest, sizeBytes, artifactType, annotations }: Referrer) {
  return {
    mediaType,
    digest,
    size: sizeBytes,
    ...(artifactType === null ? {} : { artifactType }),
    ...(annotations === null ? {} : { annotations: JSON.parse(annotations) }),
  };
}

/** `n` names, and a Link to the next page where there are more. */
function page(
  { reply }: Exchange,
  path: string,
  n: number | undefined,
  list: (limit: number) => string[],
): string[] {
  reply.header("cache-control", "no-cache");
  if (n === 0) return [];
  // SQLite takes -1 for no limit.
  const names = list(n === undefined ? -1 : n + 1);
  if (n === undefined || names.length <= n) return names;
  const shown = names.slice(0, n);
  const next = new URLSearchParams({ n: String(n), last: shown.at(-1) ?? "" });
  reply.header("link", `<${path}?${next}>; rel="next"`);
  return shown;
}

function pageOf({ query }: Exchange): { n: number | undefined; after: string } {
  const after = query.get("last") ?? "";
  const text = query.get("n");
  if (text === null) return { n: undefined, after };
  if (/^\d{1,9}$/.test(text)) return { n: Number(text), after };
  throw new Refusal({
    code: "UNSUPPORTED",
    status: 400,
    message: `n is not a number: ${JSON.stringify(text.slice(0, 100))}`,
  });
}
