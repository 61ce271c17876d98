import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FilterMap } from "./filter-map.ts";
import { checkFilter, checkTopic, coversFilter, matchesFilter } from "./topic-filter.ts";

const level = fc.constantFrom("a", "b", "", "$s");
const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join("/"));
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 4 }), fc.constantFrom([], ["#"]))
  .map(([levels, end]) => [...levels, ...end].join("/"))
  .filter((filter) => filter !== "");

/** The rules of MQTT 3.1.1, section 4.7, once more, as a regular expression. */
function asRegExp(filter: string): RegExp {
  const body = filter
    .replaceAll("$", "\\$")
    .replace(/^\+/, "(?!\\$)[^/]*")
    .replace(/\/\+/g, "/[^/]*")
    .replace(/^#$/, "(?!\\$).*")
    .replace(/\/#$/, "(/.*)?");
  return new RegExp(`^${body}$`);
}

describe("a filter matches a topic", () => {
  test.each([
    ["sport/tennis/player1/#", "sport/tennis/player1", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
    ["sport/#", "sport", true],
    ["#", "sport", true],
    ["sport/tennis/+", "sport/tennis/player1/ranking", false],
    ["sport/+", "sport", false],
    ["sport/+", "sport/", true],
    ["+/+", "/finance", true],
    ["+", "/finance", false],
    ["#", "$SYS/broker", false],
    ["+/broker", "$SYS/broker", false],
    ["$SYS/#", "$SYS/broker", true],
  ])("as the specification's example says: %s, %s: %s", (filter, topic, expected) => {
    expect(matchesFilter(filter, topic)).toBe(expected);
  });

  test("as a regular expression of the same rules does", () => {
    fc.assert(
      fc.property(filters, topics, (filter, topic) => {
        expect(matchesFilter(filter, topic)).toBe(asRegExp(filter).test(topic));
      }),
    );
  });
});

describe("a filter covers another", () => {
  test("only where it matches every topic that the other matches", () => {
    fc.assert(
      fc.property(filters, filters, fc.array(topics, { maxLength: 30 }), (wide, narrow, some) => {
        fc.pre(coversFilter(wide, narrow));
        for (const topic of some)
          if (matchesFilter(narrow, topic)) expect(matchesFilter(wide, topic)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["c/+", "c/#", false],
    ["c/+/me", "c/+/+", false],
    ["c/+/me", "c/+/#", false],
    ["c/+/me", "c/start/me", true],
    ["c/+/me", "c/+/me", true],
    ["c/#", "c", true],
    ["c/#", "c/+/#", true],
    ["c/#", "+/x", false],
  ])("%s, %s: %s", (wide, narrow, expected) => {
    expect(coversFilter(wide, narrow)).toBe(expected);
  });
});

describe("a filter map", () => {
  test("finds exactly the filters that match, whatever came and went", () => {
    const steps = fc.array(fc.tuple(fc.boolean(), filters), { maxLength: 30 });
    fc.assert(
      fc.property(steps, topics, (changes, topic) => {
        const map = new FilterMap<string>();
        const expected = new Set<string>();
        for (const [isAdded, filter] of changes) {
          if (isAdded) map.set(filter, filter);
          else map.delete(filter);
          if (isAdded) expected.add(filter);
          else expected.delete(filter);
        }
        expect(map.size).toBe(expected.size);
        expect(map.match(topic).sort()).toEqual(
          [...expected].filter((one) => matchesFilter(one, topic)).sort(),
        );
      }),
      { numRuns: 500 },
    );
  });
});

test.each(["", "a/+", "a/#", "a\0b", "x".repeat(65_536)])("nothing is published on %j", (topic) => {
  expect(() => checkTopic(topic)).toThrow(expect.objectContaining({ code: "TOPIC_INVALID" }));
});

test.each(["", "a/#/b", "a+", "a/b#", "a\0"])("%j is refused as a filter", (filter) => {
  expect(() => checkFilter(filter)).toThrow(expect.objectContaining({ code: "TOPIC_INVALID" }));
});

test.each(["a", "/", "+", "#", "a/+/b/#"])("%j is taken as a filter", (filter) => {
  expect(() => checkFilter(filter)).not.toThrow();
});
