import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Folder, openFolder } from "../../src/sandbox/folder.ts";
import { canary, createPlace, type Place } from "../support/place.ts";

const swaps = 10_000;

describe.skipIf(process.platform !== "linux")("while another process swaps links in", { timeout: 120_000 }, () => {
  it("for the folder above, nothing is read, listed, written or removed outside", async () => {
    using place = createPlace();
    place.lay("file:race/secret");
    await expectNoEscape(place, "race", place.outside);
  });

  it("for the file itself, nothing is read or written outside", async () => {
    using place = createPlace();
    place.lay("file:race/secret");
    await expectNoEscape(place, "race/secret", join(place.outside, "secret"));
  });
});

async function expectNoEscape(place: Place, swapped: string, target: string): Promise<void> {
  const folder = await openFolder(place.root);
  const swapper = spawn(process.execPath, [
    join(import.meta.dirname, "../support/swap-links.ts"),
    join(place.root, swapped),
    target,
    String(swaps),
  ]);
  await once(swapper.stdout, "data");
  const ended = once(swapper, "exit");

  const seen: string[] = [];
  const count = { done: 0, refused: 0 };
  async function repeat(work: (folder: Folder) => Promise<string | undefined>): Promise<void> {
    while (swapper.exitCode === null) {
      try {
        seen.push((await work(folder)) ?? "");
        count.done += 1;
      } catch {
        count.refused += 1;
      }
      // Without this a chain of refusals, which never waits for the system, would not let the exit be heard.
      await new Promise(setImmediate);
    }
  }

  const read = (from: Folder) => from.read("race/secret").then((bytes) => bytes?.toString());
  await Promise.all([
    ...Array.from({ length: 4 }, () => repeat(read)),
    repeat((to) => to.write("race/secret", "content of race/secret").then(() => "")),
    repeat((to) => to.write("race/new", "new", { overwrite: true }).then(() => "")),
    repeat((to) => to.remove("race/new").then(() => "")),
    repeat((to) => to.makeDirectory("race/made/inner").then(() => "")),
    repeat((to) => to.removeDirectory("race/made").then(() => "")),
    repeat(async (from) => (await from.list("race", { depth: 3 })).map(({ path, bytes }) => `${path} ${bytes}`).join()),
    ended,
  ]);

  expect(await ended).toEqual([0, null]);
  expect(count.done).toBeGreaterThan(100);
  expect(count.refused).toBeGreaterThan(100);
  expect(seen.filter((text) => text.includes(canary) || text.includes(`secret ${canary.length}`))).toEqual([]);
  expect(place.outsideIsUntouched()).toBe(true);
}
