import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { openDemoFolder } from "../../src/demo/folder.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("the folder of a demo", () => {
  it("takes away what a demo that was killed has left, and follows no link", async () => {
    const [temporary, mine] = [temporaryFolder(), temporaryFolder()];
    vi.stubEnv("TMPDIR", temporary);
    writeFileSync(join(mine, "owner"), "a file of mine");
    symlinkSync(mine, join(temporary, "memtrix-demo-link"));
    const left = join(temporary, "memtrix-demo-left");
    mkdirSync(join(left, "data"), { recursive: true });
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const folder of [mine, left]) utimesSync(folder, longAgo, longAgo);
    try {
      await using folder = await openDemoFolder();
      expect(existsSync(left)).toBe(false);
      expect(readFileSync(join(mine, "owner"), "utf8")).toBe("a file of mine");
      expect(readdirSync(mine)).toEqual(["owner"]);
      expect(existsSync(folder.path)).toBe(true);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(readdirSync(temporary)).toEqual(["memtrix-demo-link"]);
  });
});
