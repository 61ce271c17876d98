import { describe, expect, test } from "vitest";
import { accessOf, isTopicLevel } from "./access.ts";

const base = "m/d/c/x";

describe("a proplet", () => {
  const { mayPublish, maySubscribe } = accessOf("proplet", "me", base);

  test.each([
    `${base}/control/proplet/alive`,
    `${base}/control/proplet/results`,
    `${base}/registry/proplet`,
    "fl/rounds/1/updates/me",
  ])("publishes on %s", (topic) => expect(mayPublish(topic)).toBe(true));

  test.each([
    `${base}/control/manager/start`,
    `${base}/control/manager/start/other`,
    `${base}/registry/server`,
    `${base}/fl/rounds/start`,
    "m/d/c/other/control/proplet/alive",
    "$SYS/x",
  ])("does not publish on %s", (topic) => expect(mayPublish(topic)).toBe(false));

  test.each([
    `${base}/control/manager/+`,
    `${base}/control/manager/start`,
    `${base}/control/manager/invoke`,
    `${base}/control/manager/+/me`,
    `${base}/control/manager/received/me`,
    `${base}/registry/server`,
    `${base}/registry/server/me`,
  ])("hears %s", (filter) => expect(maySubscribe(filter)).toBe(true));

  test.each([
    "#",
    "+/#",
    `${base}/#`,
    `${base}/control/manager/#`,
    `${base}/control/manager/start/+`,
    `${base}/control/manager/+/+`,
    `${base}/control/manager/+/other`,
    `${base}/control/+/start/me`,
    `${base}/registry/server/+`,
    `${base}/registry/server/#`,
    `${base}/registry/+`,
    `${base}/control/proplet/results`,
  ])("does not hear %s", (filter) => expect(maySubscribe(filter)).toBe(false));
});

test("a manager does everything on its channel and in fl, and nothing elsewhere", () => {
  const { mayPublish, maySubscribe } = accessOf("manager", "boss", base);
  expect([`${base}/control/manager/start/p`, "fl/rounds/next"].every(mayPublish)).toBe(true);
  expect([`${base}/#`, "fl/rounds/+/updates/+"].every(maySubscribe)).toBe(true);
  expect(["m/d/c/other/x", "$SYS/x"].some(mayPublish)).toBe(false);
  expect(["#", "m/#", "m/+/c/x/#", "$SYS/#"].some(maySubscribe)).toBe(false);
});

test("a client hears its channel and says nothing", () => {
  const { mayPublish, maySubscribe } = accessOf("client", "eye", base);
  expect([`${base}/control/proplet/results`, "fl/x"].some(mayPublish)).toBe(false);
  expect(maySubscribe(`${base}/#`)).toBe(true);
  expect(maySubscribe("#")).toBe(false);
});

test("an id that would be more or less than one level is none", () => {
  expect(["a", "8f3b-1", "a.b"].every(isTopicLevel)).toBe(true);
  expect(["", "+", "#", "a/b", "a+", "\0"].some(isTopicLevel)).toBe(false);
});
