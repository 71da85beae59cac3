import { expect, it } from "vitest";
import { oneAtATime } from "../src/one-at-a-time.ts";

it("does one work after the other, also behind one that fails", async () => {
  const turns = oneAtATime();
  const gate = Promise.withResolvers<void>();
  const done: string[] = [];
  const first = turns.do(async () => {
    await gate.promise;
    done.push("first");
    throw new Error("It fails.");
  });
  const second = turns.do(async () => done.push("second"));
  expect(done).toEqual([]);
  gate.resolve();
  await expect(first).rejects.toThrow("It fails.");
  expect(await second).toBe(2);
  await turns.settled();
  expect(done).toEqual(["first", "second"]);
});
