import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConfinedFolder } from "../../src/sandbox/confined-folder.ts";
import { openByRealPath } from "../../src/sandbox/real-paths.ts";
import { createPlace, type Place } from "../support/place.ts";

let place: Place;
beforeEach(() => {
  place = createPlace();
  writeFileSync(join(place.root, "f"), "before");
});
afterEach(() => place[Symbol.dispose]());

/** A folder that turns out to have been moved when it is looked at for the `at`th time. */
function movedAt(at: number) {
  let looks = 0;
  return createConfinedFolder(() => ({
    ...openByRealPath(place.root),
    verify() {
      looks += 1;
      if (looks === at) throw Object.assign(new Error("moved"), { code: "ESTALE" });
    },
  }));
}

describe("a file that is written", () => {
  it.each([1, 2])("is as it was when its folder is moved, before its content is written or after (%i)", async (at) => {
    await expect(movedAt(at).write("f", "after")).rejects.toThrow("`f` was moved while it was in use.");
    expect(readFileSync(join(place.root, "f"), "utf8")).toBe("before");
    expect(readdirSync(place.root)).toEqual(["f"]);
  });

  it("has the permissions that were asked for, or those it had, whatever new files get here", async () => {
    const folder = createConfinedFolder(() => openByRealPath(place.root));
    await folder.write("given", "x", { mode: 0o777 });
    chmodSync(join(place.root, "f"), 0o666);
    await folder.write("f", "after");
    const modes = ["given", "f"].map((name) => (statSync(join(place.root, name)).mode & 0o777).toString(8));
    expect(modes).toEqual(["777", "666"]);
  });
});
