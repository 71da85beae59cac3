import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { program } from "../support/program.ts";
import { readStore } from "../support/store-seen.ts";
import { canTrace, failing } from "../support/strace.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { type Heard, startWireModel } from "../support/wire-model.ts";

if (!canTrace) console.warn("Left out: failing disks, since there is no strace that may trace.");

const content = "one line\n".repeat(1_000);
const writes = ({ calls: [call] }: Heard) =>
  call ? `It says: ${call.output}` : { calls: [{ name: "create_file", input: { path: "a.txt", content } }] };

describe.skipIf(!canTrace)("a disk that fails", () => {
  it.each([1, 2, 4, 6])(
    "at flush %i and after: is said in a sentence, and all goes on once it works again",
    async (from) => {
      await using model = await startWireModel("ollama", writes);
      using home = temporaryHome();
      home.write("data/config.json", model.config);
      await using memtrix = program({ home: home.path });
      expect(await memtrix.chat([])).toMatchObject({ code: 0 });

      const prefix = failing("fsync,fdatasync", from);
      const running = memtrix.start(["chat", "-m", "Write it."], { prefix, limitMs: 30_000 });
      running.input.end();
      const { code, stdout, stderr } = await running.ended;
      if (code === 0) expect(stdout).toMatch(/^It says: (Wrote `a\.txt`|.*disk reports an error)/);
      else
        expect({ code, stdout, stderr }).toEqual({
          code: 1,
          stdout: "",
          stderr: expect.stringMatching(/The disk cannot be written/),
        });
      expect(stderr).not.toMatch(/^ +at /m);

      const { inbox } = readStore(home.path);
      const { stdout: later, ...after } = await memtrix.chat([]);
      expect(after).toMatchObject({ code: 0 });
      if (inbox.some(({ done }) => !done)) expect(later).toMatch(/^It says: /);

      const { integrity, ...store } = readStore(home.path);
      expect(integrity).toBe("ok");
      expect(store.inbox).toHaveLength(inbox.length);
      expect(store.inbox.every(({ done }) => done)).toBe(true);
      expect(store.outbox).toHaveLength(inbox.length);
      const file = join(home.path, "workspace/a.txt");
      if (existsSync(file)) expect(readFileSync(file, "utf8")).toBe(content);
    },
    45_000,
  );

  it("while only files fail: the tool says so, and leaves the old file and no other", async () => {
    await using model = await startWireModel("ollama", writes);
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    home.write("workspace/a.txt", "old");
    await using memtrix = program({ home: home.path });

    expect(await memtrix.chat([])).toMatchObject({ code: 0 });

    // The database renames nothing.
    const prefix = failing("rename,renameat,renameat2");
    const running = memtrix.start(["chat", "-m", "Write it.", "--yes"], { prefix, limitMs: 30_000 });
    running.input.end();
    expect(await running.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/disk reports an error/) });
    expect(readFileSync(join(home.path, "workspace/a.txt"), "utf8")).toBe("old");
    expect(readdirSync(join(home.path, "workspace")).filter((name) => name.startsWith("."))).toEqual([]);
  }, 45_000);
});
