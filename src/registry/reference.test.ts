import { assert, constantFrom, integer, option, property, string, stringMatching, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { PropError } from "../errors.ts";
import { formatReference, parseReference } from "./reference.ts";

const hex = "0123456789abcdef".repeat(4);
const digest = `sha256:${hex}`;

describe("a reference", () => {
  it.each([
    ["hello", "docker.io", "library/hello", "latest"],
    ["hello:1.0", "docker.io", "library/hello", "1.0"],
    ["team/hello", "docker.io", "team/hello", "latest"],
    ["docker.io/hello", "docker.io", "library/hello", "latest"],
    ["index.docker.io/hello", "docker.io", "library/hello", "latest"],
    ["localhost/hello", "localhost", "hello", "latest"],
    ["localhost:5000/hello", "localhost:5000", "hello", "latest"],
    ["localhost:5000/a/b/c:v1", "localhost:5000", "a/b/c", "v1"],
    ["127.0.0.1:5000/hello:latest", "127.0.0.1:5000", "hello", "latest"],
    ["[::1]:5000/hello", "[::1]:5000", "hello", "latest"],
    ["ghcr.io/team/app_1:1.2.3-rc.1", "ghcr.io", "team/app_1", "1.2.3-rc.1"],
    ["MACHINE/hello", "MACHINE", "hello", "latest"],
    ["hello:5000", "docker.io", "library/hello", "5000"],
  ])("%s is read as every client reads it", (text, registry, repository, tag) => {
    expect(parseReference(text)).toEqual({ registry, repository, tag });
  });

  it("has no tag by default where it has a digest, and keeps one that is given", () => {
    expect(parseReference(`ghcr.io/a/b@${digest}`)).toEqual({
      registry: "ghcr.io",
      repository: "a/b",
      digest,
    });
    expect(parseReference(`ghcr.io/a/b:1@${digest}`)).toEqual({
      registry: "ghcr.io",
      repository: "a/b",
      tag: "1",
      digest,
    });
    expect(parseReference(`a@sha512:${hex}${hex}`).digest).toBe(`sha512:${hex}${hex}`);
  });

  it.each([
    ["", "names no repository"],
    ["ghcr.io/", "names no repository"],
    ["Hello", '"Hello" in its repository'],
    ["ghcr.io/Team/app", '"Team" in its repository'],
    ["ghcr.io//app", '"" in its repository'],
    ["ghcr.io/a/../b", '".." in its repository'],
    ["ghcr.io/app:", "its tag"],
    ["ghcr.io/app:.x", "its tag"],
    ["ghcr.io/app:a b", "its tag"],
    ["ghcr.io/app@sha256:12", "its digest"],
    [`ghcr.io/app@${digest}@${digest}`, "its digest"],
    ["ghcr.io/app@", "its digest"],
    ["-a.io/app", "no host"],
    ["ghcr.io:99999/app", "no host"],
    ["user@ghcr.io/app", "its digest"],
    ["https://ghcr.io/app", "no host"],
    [`ghcr.io/${"a".repeat(255)}`, "longer than 255"],
  ])("%j is refused, and the part that is wrong is named", (text, reason) => {
    expect(() => parseReference(text)).toThrow(reason);
    expect(() => parseReference(text)).toThrow(PropError);
  });
});

const component = stringMatching(/^[a-z0-9]{1,6}([._-][a-z0-9]{1,4}){0,2}$/);
const host = tuple(
  stringMatching(/^[a-z0-9]{1,5}\.[a-z]{2,3}$/),
  option(integer({ min: 1, max: 65_535 }), { nil: undefined }),
).map(([name, port]) => (port === undefined ? name : `${name}:${port}`));

describe("any reference", () => {
  it("that is put together of its parts is read as those parts, and written as it was", () => {
    const parts = property(
      host.filter((registry) => registry !== "docker.io"),
      tuple(component, component).map((names) => names.join("/")),
      stringMatching(/^\w[\w.-]{0,20}$/),
      constantFrom(undefined, digest),
      (registry, repository, tag, pinned) => {
        const reference = { registry, repository, tag, ...(pinned === undefined ? {} : { digest: pinned }) };
        const text = formatReference(reference);
        expect(parseReference(text)).toEqual(reference);
        expect(formatReference(parseReference(text))).toBe(text);
      },
    );
    assert(parts);
  });

  it("is read or refused as a PropError, and what was read stays the same when it is written and read again", () => {
    const anything = property(
      constantFrom("", "a", "ghcr.io/", "localhost:5000/x:"),
      string(),
      (start, rest) => {
        const read = attempt(() => parseReference(start + rest));
        if (read instanceof PropError) return;
        expect(parseReference(formatReference(read))).toEqual(read);
      },
    );
    assert(anything, { numRuns: 2_000 });
  });
});

/** What it gives, or the PropError it throws; anything else that is thrown fails the test. */
function attempt<T>(work: () => T): T | PropError {
  try {
    return work();
  } catch (error) {
    if (error instanceof PropError) return error;
    throw error;
  }
}
