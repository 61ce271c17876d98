import { expect, test } from "vitest";
import { PropError } from "../errors.ts";
import { createClosers } from "./closers.ts";
import { listenOn } from "./port.ts";

/** Starts where no port but `free` can be had; 0 is any. */
const onlyFree = (free: number) => async (port: number) => {
  if (port === free) return { port };
  if (port === 0) return { port: free };
  throw new PropError({ code: "PORT_TAKEN", message: `port ${port} is taken` });
};

test("the usual port gives way where it is taken, and that is told", async () => {
  const moved: number[][] = [];
  const onMoved = (...ports: number[]) => moved.push(ports);
  expect(await listenOn({ asked: undefined, usual: 7070 }, onlyFree(7070), onMoved)).toEqual({ port: 7070 });
  expect(moved).toEqual([]);
  expect(await listenOn({ asked: undefined, usual: 7070 }, onlyFree(5), onMoved)).toEqual({ port: 5 });
  expect(moved).toEqual([[7070, 5]]);
});

test("a port that was asked for doesn't give way", async () => {
  const refused = listenOn({ asked: 7070, usual: 7070 }, onlyFree(5), () => {});
  await expect(refused).rejects.toMatchObject({ code: "PORT_TAKEN" });
});

test("an error that is about something else is no reason for another port", async () => {
  const failing = () => Promise.reject(new Error("no"));
  await expect(listenOn({ asked: undefined, usual: 1 }, failing, () => {})).rejects.toThrow("no");
});

test("what was started last ends first, and one that fails doesn't keep the others from it", async () => {
  const closed: string[] = [];
  const closers = createClosers();
  closers.add(() => void closed.push("first"));
  closers.add(() => Promise.reject(new Error("stuck")));
  closers.add(async () => void closed.push("last"));
  const [one, two] = [closers.close(), closers.close()];
  await expect(one).rejects.toThrow("stuck");
  await expect(two).rejects.toThrow("stuck");
  expect(closed).toEqual(["last", "first"]);
});
