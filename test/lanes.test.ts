import { setImmediate } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { createLanes, type Lane, type Lanes } from "../src/lanes.ts";

/** One piece of work as the test sees it: it goes on until the test ends it. */
interface Work {
  key: string;
  took: string[];
  lane: Lane<string>;
  end(): void;
}

let works: Work[];
let lanes: Lanes<string>;
/** What a work takes when it begins. */
let accepting: () => (item: string) => boolean;

beforeEach(() => {
  works = [];
  accepting = () => () => true;
  lanes = createLanes<string>(async (lane) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    works.push({ key: lane.key, took: lane.take(accepting()), lane, end: resolve });
    await promise;
  });
});

const begun = () => works.map(({ key, took }) => `${key}: ${took.join(" ")}`);
async function end(index: number): Promise<void> {
  works[index]?.end();
  await setImmediate();
}
async function add(...items: [key: string, item: string][]): Promise<void> {
  for (const [key, item] of items) lanes.add(key, item);
  await setImmediate();
}

describe("a lane", () => {
  it("works on one thing at a time, in order of arrival", async () => {
    accepting = theFirst;
    await add(["a", "1"], ["a", "2"], ["a", "3"]);
    expect(begun()).toEqual(["a: 1"]);
    await end(0);
    expect(begun()).toEqual(["a: 1", "a: 2"]);
    await add(["a", "4"]);
    await end(1);
    await end(2);
    expect(begun()).toEqual(["a: 1", "a: 2", "a: 3", "a: 4"]);
  });

  it("does not wait for another", async () => {
    await add(["a", "1"], ["b", "2"]);
    expect(begun()).toEqual(["a: 1", "b: 2"]);
  });

  it("hands out together what arrives together", async () => {
    await add(["a", "1"], ["a", "2"]);
    expect(begun()).toEqual(["a: 1 2"]);
  });

  it("hands out what arrives meanwhile to the work under way, from the front as far as it wants", async () => {
    await add(["a", "1"]);
    await add(["a", "2"], ["a", "3"], ["a", "other"], ["a", "4"]);
    expect(works[0]?.lane.take((item) => item !== "other")).toEqual(["2", "3"]);
    expect(works[0]?.lane.take((item) => item !== "other")).toEqual([]);
    expect(lanes.waiting()).toBe(2);
    await end(0);
    expect(begun()).toEqual(["a: 1", "a: other 4"]);
  });

  it("is begun anew after it was empty", async () => {
    await add(["a", "1"]);
    await end(0);
    await add(["a", "2"]);
    expect(begun()).toEqual(["a: 1", "a: 2"]);
    expect(lanes.waiting()).toBe(0);
  });
});

describe("stopping a lane", () => {
  it("aborts the work, gives what waited, and leaves the other lanes alone", async () => {
    await add(["a", "1"], ["b", "1"]);
    await add(["a", "2"], ["a", "3"], ["b", "2"]);
    expect(lanes.stop("a")).toEqual({ running: true, dropped: ["2", "3"] });
    expect(works.map(({ lane }) => lane.signal.reason)).toEqual(["stop", undefined]);
    expect(lanes.waiting()).toBe(1);
  });

  it("lets what comes afterwards be worked on, unaborted", async () => {
    await add(["a", "1"]);
    lanes.stop("a");
    await add(["a", "2"]);
    expect(begun()).toEqual(["a: 1"]);
    await end(0);
    expect(begun()).toEqual(["a: 1", "a: 2"]);
    expect(works[1]?.lane.signal.aborted).toBe(false);
  });

  it("is possible before the work has begun", async () => {
    lanes.add("a", "1");
    expect(lanes.stop("a").dropped).toEqual(["1"]);
    await add(["a", "2"]);
    expect(begun()).toEqual(["a: 2"]);
    expect(works[0]?.lane.signal.aborted).toBe(false);
  });

  it("that is idle does nothing", async () => {
    expect(lanes.stop("a")).toEqual({ running: false, dropped: [] });
    await add(["a", "1"]);
    await end(0);
    expect(lanes.stop("a")).toEqual({ running: false, dropped: [] });
  });
});

describe("draining", () => {
  it("waits for what is under way, and begins nothing more", async () => {
    await add(["a", "1"], ["b", "1"]);
    await add(["a", "2"]);
    let drained = false;
    const drain = lanes.drain(60_000).then(() => {
      drained = true;
    });
    await end(0);
    expect(drained).toBe(false);
    await end(1);
    await drain;
    expect(works.some(({ lane }) => lane.signal.aborted)).toBe(false);
    await add(["a", "3"], ["c", "1"]);
    expect(begun()).toEqual(["a: 1", "b: 1"]);
  });

  it("aborts what goes on for longer, and says that it is the shutdown", async () => {
    await add(["a", "1"]);
    await add(["a", "2"]);
    const aborted = Promise.withResolvers<unknown>();
    const signal = works[0]?.lane.signal;
    signal?.addEventListener("abort", () => aborted.resolve(signal.reason));
    const drain = lanes.drain(0);
    expect(await aborted.promise).toBe("shutdown");
    await end(0);
    await drain;
    expect(begun()).toEqual(["a: 1"]);
  });

  it("is done at once when nothing is under way", async () => {
    await lanes.drain(60_000);
  });

  it("loses and repeats nothing under load: each thing is worked on once, in the order of its lane", async () => {
    const done = new Map<string, number[]>();
    const busy = new Set<string>();
    const all = createLanes<number>(async (lane) => {
      expect(busy.has(lane.key)).toBe(false);
      busy.add(lane.key);
      const items = lane.take(() => true);
      await setImmediate();
      const more = lane.take((item) => item % 3 !== 0);
      done.set(lane.key, [...(done.get(lane.key) ?? []), ...items, ...more]);
      busy.delete(lane.key);
    });
    for (let item = 0; item < 300; item++) {
      for (const key of ["a", "b", "c"]) all.add(key, item);
      if (item % 7 === 0) await setImmediate();
    }
    while (all.waiting() > 0) await setImmediate();
    await all.drain(60_000);
    const expected = Array.from({ length: 300 }, (_, item) => item);
    expect([...done]).toEqual(["a", "b", "c"].map((key) => [key, expected]));
  });
});

function theFirst(): (item: string) => boolean {
  let taken = false;
  return () => {
    if (taken) return false;
    taken = true;
    return true;
  };
}
