import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type CoreFiles, coreFileBudgets, createCoreFiles } from "../../src/memory/core-files.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { type Clock, clockAt, temporaryFolder } from "../support/temporary.ts";

let workspace: string;
let clock: Clock;
let core: CoreFiles;
beforeEach(async () => {
  workspace = temporaryFolder();
  clock = clockAt("2026-11-20T10:00:00Z");
  core = createCoreFiles(await openFolder(workspace), clock.now);
});

const onDisk = (name: string) => readFile(join(workspace, name), "utf8");
const versions = () => readdir(join(workspace, "memory/versions")).then((names) => names.sort());
async function write(content: string, over?: string): Promise<void> {
  clock.advance(1_000);
  await core.write("USER", content, over ?? (await core.read("USER")).hash);
}

describe("a core file", () => {
  it("is a markdown file in the workspace; an absent one is empty", async () => {
    expect((await core.read("USER")).content).toBe("");
    await write("# My owner\n\n- Ada 🌱\n");
    expect(await onDisk("USER.md")).toBe("# My owner\n\n- Ada 🌱\n");
    expect((await core.read("USER")).content).toBe("# My owner\n\n- Ada 🌱\n");
  });

  it("is not written over what someone has changed since it was read", async () => {
    await write("old");
    const { hash } = await core.read("USER");
    await writeFile(join(workspace, "USER.md"), "changed by hand");
    await expect(write("new", hash)).rejects.toThrow(
      "USER.md was changed since you read it: read it again, then write.",
    );
    expect(await onDisk("USER.md")).toBe("changed by hand");
  });

  it("is written by one of two who have read the same, and the other is told", async () => {
    await write("both have read this");
    const { hash } = await core.read("USER");
    const both = await Promise.allSettled([core.write("USER", "one", hash), core.write("USER", "other", hash)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await onDisk("USER.md")).toBe("one");
    await write("and on it goes");
    expect(await onDisk("USER.md")).toBe("and on it goes");
  });

  it("takes as many characters as its budget says, and says so at one more", async () => {
    const full = "x".repeat(coreFileBudgets.USER);
    await write(full);
    await expect(write(`${full}x`)).rejects.toThrow(/USER\.md may have 2500 characters and this has 2501: shorten it/);
    expect(await onDisk("USER.md")).toBe(full);
  });

  it("that grew over its budget by hand is read whole, and can be shortened", async () => {
    await writeFile(join(workspace, "USER.md"), "x".repeat(9_000));
    expect((await core.read("USER")).content).toHaveLength(9_000);
    await write("short");
    expect(await onDisk("USER.md")).toBe("short");
  });

  it("leaves the version before it in memory/versions, and the last fifty of them", async () => {
    await write("0");
    await core.write("SOUL", "calm", (await core.read("SOUL")).hash);
    await core.write("SOUL", "curious", (await core.read("SOUL")).hash);
    for (let version = 1; version <= 55; version++) await write(`${version}`);

    const names = await versions();
    expect(names.filter((name) => name.startsWith("SOUL."))).toHaveLength(1);
    const ofUser = names.filter((name) => name.startsWith("USER."));
    expect(ofUser).toHaveLength(50);
    expect(await onDisk(`memory/versions/${ofUser[0]}`)).toBe("5");
    expect(await onDisk(`memory/versions/${ofUser.at(-1)}`)).toBe("54");
  });

  it("leaves no version where there was none", async () => {
    await write("first");
    await expect(versions()).rejects.toThrow(/ENOENT/);
  });
});
