/** What a request to a registry is about, from its path (distribution spec 1.1, "Endpoints"). */
import { parseDigest } from "../store/blob-path.ts";
import { Refusal } from "./refusal.ts";

export type RequestPath =
  | { type: "ping" }
  | { type: "catalog" }
  | { type: "tags"; repository: string }
  /** Its reference is whatever came: what is no tag and no digest is not there. */
  | { type: "manifest"; repository: string; reference: string }
  | { type: "blob"; repository: string; digest: string }
  | { type: "uploads"; repository: string }
  | { type: "upload"; repository: string; id: string }
  | { type: "referrers"; repository: string; digest: string }
  | { type: "unknown" };

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const uploadId = /^[0-9a-f-]{36}$/;
const NAME_LENGTH = 255;

/**
 * @param path as it came, without the query
 * @throws Refusal `NAME_INVALID`, `DIGEST_INVALID`, `BLOB_UPLOAD_UNKNOWN`
 */
export function parseRequestPath(path: string): RequestPath {
  const [root, version, ...parts] = path.split("/").map(decode);
  if (root !== "" || version !== "v2") return { type: "unknown" };
  if (parts.join("") === "") return { type: "ping" };
  if (parts.length === 1 && parts[0] === "_catalog") return { type: "catalog" };
  // A repository may have any of these words in its name: what counts is how a path ends.
  const [kind = "", last = ""] = parts.slice(-2);
  if (parts.at(-3) === "blobs" && kind === "uploads") return uploadOf(nameOf(parts, 3), last);
  if (kind === "blobs" && last === "uploads") return { type: "uploads", repository: nameOf(parts, 2) };
  if (kind === "tags" && last === "list") return { type: "tags", repository: nameOf(parts, 2) };
  if (kind === "blobs") return { type: "blob", repository: nameOf(parts, 2), digest: checkDigest(last) };
  if (kind === "referrers")
    return { type: "referrers", repository: nameOf(parts, 2), digest: checkDigest(last) };
  if (kind === "manifests") {
    return { type: "manifest", repository: nameOf(parts, 2), reference: last };
  }
  return { type: "unknown" };
}

/** @throws Refusal `DIGEST_INVALID` */
export function checkDigest(text: string): string {
  if (parseDigest(text) !== undefined) return text;
  const message = `${JSON.stringify(text.slice(0, 200))} is no digest: sha256:, or sha512:, and hexadecimal digits`;
  throw new Refusal({ code: "DIGEST_INVALID", message });
}

/** Whether it is the name of a repository. */
export function isRepository(name: string): boolean {
  return name.length <= NAME_LENGTH && name.split("/").every((part) => component.test(part));
}

/** Whether it is a tag. */
export function isTag(text: string): boolean {
  return tag.test(text);
}

function uploadOf(repository: string, id: string): RequestPath {
  if (id === "") return { type: "uploads", repository };
  if (uploadId.test(id)) return { type: "upload", repository, id };
  throw new Refusal({ code: "BLOB_UPLOAD_UNKNOWN", message: "there is no such upload" });
}

function nameOf(parts: readonly string[], after: number): string {
  const named = parts.slice(0, -after);
  const name = named.join("/");
  // A slash that came encoded stands within one part.
  if (isRepository(name) && named.every((part) => !part.includes("/"))) return name;
  throw new Refusal({
    code: "NAME_INVALID",
    message: `${JSON.stringify(name.slice(0, 300))} is no name of a repository`,
  });
}

/** Clients may encode the colon of a digest. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
