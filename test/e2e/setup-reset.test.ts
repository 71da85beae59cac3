import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";

/** A checkout with `setup.sh` in it, and a Docker that only notes what it is asked for. */
function checkoutWith(files: readonly string[]) {
  const folder = temporaryFolder();
  cpSync(join(import.meta.dirname, "../../setup.sh"), join(folder, "setup.sh"));
  for (const file of files) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  const programs = join(temporaryFolder(), "bin");
  mkdirSync(programs);
  const asked = join(programs, "asked");
  writeFileSync(
    join(programs, "docker"),
    `#!/bin/sh
echo "$*" >>"${asked}"
case "$*" in
  "compose config") echo "name: memtrix" ;;
  "volume ls"*volume=conduit) echo memtrix_conduit ;;
esac
`,
  );
  chmodSync(join(programs, "docker"), 0o755);
  const env = { ...process.env, PATH: `${programs}:${process.env.PATH}` };
  const reset = (answer: string) =>
    spawnSync("bash", ["setup.sh", "--reset"], { cwd: folder, env, input: `${answer}\n`, encoding: "utf8" });
  return { folder, reset, asked: () => (existsSync(asked) ? readFileSync(asked, "utf8") : "") };
}

describe("setup.sh --reset", () => {
  it("deletes all of it, the homeserver's accounts too, whatever lies in the folders", () => {
    const { folder, reset, asked } = checkoutWith([
      ...["workspace/.gitkeep", "workspace/site/logs/.gitkeep", "workspace/.hidden", "agents/cook/SOUL.md"],
      "data/memtrix.db",
    ]);
    const { status, stdout } = reset("delete everything");
    expect(status).toBe(0);
    expect(stdout).toContain("Everything is gone.");
    expect(asked()).toContain("volume rm memtrix_conduit\n");
    for (const [name, left] of Object.entries({ workspace: [".gitkeep"], agents: [], data: [] }))
      expect(readdirSync(join(folder, name))).toEqual(left);
  });

  it("does nothing without the words that it asks for", () => {
    const { folder, reset, asked } = checkoutWith(["workspace/notes.md", ".env"]);
    expect(reset("yes")).toMatchObject({ status: 1, stderr: "Nothing was deleted.\n" });
    expect(existsSync(join(folder, "workspace/notes.md"))).toBe(true);
    expect(asked()).toBe("");
  });
});
