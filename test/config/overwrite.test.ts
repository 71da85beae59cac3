import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { overwrite } from "../../src/config/overwrite.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("a file that was mounted by itself", () => {
  it.each(["a longer text than before\n", "short\n", ""])("holds %j afterwards, and is the same file", async (text) => {
    const file = join(temporaryFolder(), ".env");
    writeFileSync(file, "what was there\n", { mode: 0o600 });
    const { ino } = statSync(file);
    await overwrite(file, text);
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(statSync(file)).toMatchObject({ ino, mode: 0o100600 });
  });

  it("is not made where there is none", async () => {
    await expect(overwrite(join(temporaryFolder(), ".env"), "text")).rejects.toThrow("ENOENT");
  });
});
