import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { atomicWrite } from "../../src/config/atomic-write.ts";
import { temporaryHome } from "../support/temporary-home.ts";

describe("writing in one step", () => {
  it("shows a reader the old text or the new one, never half of one", async () => {
    using home = temporaryHome();
    const file = join(home.path, "text");
    const texts = ["a", "b"].map((letter) => letter.repeat(300_000));
    await atomicWrite(file, texts[0] ?? "");

    const seen = new Set<string>();
    const writing = (async () => {
      for (let round = 0; round < 20; round++) await atomicWrite(file, texts[round % 2] ?? "");
    })();
    let isWriting = true;
    void writing.finally(() => {
      isWriting = false;
    });
    while (isWriting) {
      seen.add(readFileSync(file, "utf8"));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    for (const text of seen) expect(texts.includes(text)).toBe(true);
  });

  it("that fails leaves nothing behind", async () => {
    using home = temporaryHome();
    mkdirSync(join(home.path, "taken"));
    await expect(atomicWrite(join(home.path, "taken"), "text")).rejects.toThrow();
    expect(readdirSync(home.path)).toEqual(["taken"]);
  });

  it("goes through a symbolic link to what it names", async () => {
    using home = temporaryHome();
    home.write("real", "old");
    symlinkSync(join(home.path, "real"), join(home.path, "link"));
    await atomicWrite(join(home.path, "link"), "new");
    expect(lstatSync(join(home.path, "link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(home.path, "real"), "utf8")).toBe("new");
  });
});
