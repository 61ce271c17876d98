import fc from "fast-check";
import { expect, test } from "vitest";
import { isRepository, parseRequestPath } from "./request-path.ts";

const digest = `sha256:${"a".repeat(64)}`;
const id = "0188c7a0-0000-4000-8000-000000000000";

test.each([
  ["/v2/", { type: "ping" }],
  ["/v2", { type: "ping" }],
  ["/v2/_catalog", { type: "catalog" }],
  ["/v2/a/b/tags/list", { type: "tags", repository: "a/b" }],
  ["/v2/tags/list/tags/list", { type: "tags", repository: "tags/list" }],
  ["/v2/a/manifests/1.0", { type: "manifest", repository: "a", reference: "1.0" }],
  [`/v2/blobs/uploads/blobs/${digest}`, { type: "blob", repository: "blobs/uploads", digest }],
  [`/v2/a/blobs/${digest.replace(":", "%3A")}`, { type: "blob", repository: "a", digest }],
  ["/v2/a/blobs/uploads/", { type: "uploads", repository: "a" }],
  ["/v2/a/blobs/uploads", { type: "uploads", repository: "a" }],
  [`/v2/a/b/blobs/uploads/${id}`, { type: "upload", repository: "a/b", id }],
  [`/v2/a/referrers/${digest}`, { type: "referrers", repository: "a", digest }],
  ["/v1/", { type: "unknown" }],
  ["/v2/a/other/b", { type: "unknown" }],
  ["/v2/a/blobs/sha256:../../x", { type: "unknown" }],
])("%s", (path, expected) => {
  expect(parseRequestPath(path)).toEqual(expected);
});

test.each([
  ["/v2/A/tags/list", "NAME_INVALID"],
  ["/v2/a%2Fb/tags/list", "NAME_INVALID"],
  ["/v2/../x/tags/list", "NAME_INVALID"],
  ["/v2//tags/list", "NAME_INVALID"],
  [`/v2/${"a".repeat(256)}/tags/list`, "NAME_INVALID"],
  ["/v2/a/blobs/sha256:..%2F..%2Fx", "DIGEST_INVALID"],
  ["/v2/a/blobs/md5:00", "DIGEST_INVALID"],
  ["/v2/a/blobs/uploads/..%2F..%2Fetc", "BLOB_UPLOAD_UNKNOWN"],
])("%s is refused with %s", (path, code) => {
  expect(() => parseRequestPath(path)).toThrow(expect.objectContaining({ code }));
});

test("whatever comes, a repository is a name of the spec", () => {
  const parts = fc.array(
    fc.oneof(fc.constantFrom("..", "a", "manifests", "tags", "list", "%2e"), fc.string()),
  );
  fc.assert(
    fc.property(parts, (path) => {
      try {
        const about = parseRequestPath(`/v2/${path.join("/")}/tags/list`);
        if ("repository" in about) expect(isRepository(about.repository)).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/_INVALID|_UNKNOWN/) });
      }
    }),
  );
});
