import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { program, type StartOptions } from "../support/program.ts";
import { canRunSynapse, synapsePython } from "../support/synapse-venv.ts";
import { temporaryFolder } from "../support/temporary.ts";

const limitMs = 240_000;

/** `memtrix demo` where a homeserver is installed already; `left` tells what it leaves in the folder for temporary ones. */
async function startDemo(flags: string[] = [], { env, ...options }: StartOptions = {}) {
  const [home, temporary] = [temporaryFolder(), temporaryFolder()];
  const python = await synapsePython();
  if (python && env?.PATH === undefined) {
    mkdirSync(join(home, "data/homeserver"), { recursive: true });
    symlinkSync(dirname(dirname(python)), join(home, "data/homeserver/venv"));
  }
  const memtrix = program({ home, env: { TMPDIR: temporary, ...env } });
  onTestFinished(() => memtrix[Symbol.asyncDispose]());
  return { home, demo: memtrix.start(["demo", ...flags], { limitMs, ...options }), left: () => readdirSync(temporary) };
}

/** True while any process has this word in its command line. */
function runs(word: string): boolean {
  return readdirSync("/proc").some((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "utf8").includes(word);
    } catch {
      return false; // It ended meanwhile.
    }
  });
}

describe.skipIf(!(await canRunSynapse()))("memtrix demo", { timeout: limitMs }, () => {
  it("plays a conversation that shows what the program does, and leaves nothing behind", async () => {
    const { home, demo, left } = await startDemo();
    const { code, stdout, stderr } = await demo.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });

    const said = stdout.replaceAll(/^\d\d:\d\d {2}/gm, "").replaceAll(/\s+/g, " ");
    const inOrder = [
      "few fixed rules, not a model",
      "Memtrix invites Ada to an encrypted room",
      "Ada Hello! My name is Ada. Memtrix (A rehearsal: rules answer, not a model.",
      "Ada /clear Memtrix A fresh start.",
      "Ada What is my name?",
      "Your name is Ada.",
      "Ada When is the boiler serviced? Memtrix From my journal of",
      "the boiler is serviced in May",
      "Ada Write milk, eggs and flour to shopping.txt Memtrix I wrote that to shopping.txt.",
      "Ada Read shopping.txt Memtrix shopping.txt: milk, eggs and flour",
      "Delete shopping.txt (21 bytes)? ✅ yes · ❌ no Ada ❌ Memtrix I did not delete shopping.txt.",
      "Memtrix shopping.txt 21 bytes",
      "Make the agent Cook",
      "Ada ✅ Memtrix Cook is there.",
      "Cook invites Ada to an encrypted room",
      "Ada What do you know about pancakes? Memtrix I found nothing",
      "Memtrix Cook says:",
      "pancakes need flour, milk and eggs",
      "Ada /verbose on",
      "✓ read_file",
      "each was encrypted from end to end",
      "npm run demo -- --keep",
      "its folder is removed",
    ];
    let from = 0;
    for (const words of inOrder) {
      const at = said.indexOf(words, from);
      expect(at, words).toBeGreaterThanOrEqual(from);
      from = at;
    }
    expect(left()).toEqual([]);
    expect(readdirSync(join(home, "data"))).toEqual(["homeserver"]);
  });

  it("goes on with --keep, and tells how to log in; Ctrl-C ends all of it", async () => {
    const { demo, left } = await startDemo(["--keep"]);
    await demo.said("stdout", "until you press Ctrl-C");
    const [folder = ""] = left();
    demo.kill("SIGINT");
    const { code, stdout } = await demo.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/homeserver +http:\/\/127\.0\.0\.1:\d+\n +user +@ada:memtrix\.local\n +password +\S{24}\n/);
    expect(left()).toEqual([]);
    expect(runs(folder)).toBe(false);
  });

  it("ends at once when it is asked to in the middle, and leaves nothing behind", async () => {
    const { demo, left } = await startDemo();
    await demo.said("stdout", "My name is Ada");
    const [folder = ""] = left();
    expect(runs(folder)).toBe(true);
    demo.kill("SIGTERM");
    expect(await demo.ended).toMatchObject({ code: 143, stderr: "" });
    expect(left()).toEqual([]);
    expect(runs(folder)).toBe(false);
  });
});

describe("memtrix demo on a machine that lacks something", { timeout: limitMs }, () => {
  it("says how to get Python", async () => {
    const nothing = temporaryFolder();
    const { demo, left } = await startDemo([], { env: { PATH: nothing } });
    expect(await demo.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The private homeserver needs Python 3\.10 or newer, and there is none: .+\n$/),
    });
    expect(left()).toEqual([]);
  });

  it("says that the network is away", async () => {
    const env = { PATH: process.env.PATH ?? "", PIP_INDEX_URL: "http://127.0.0.1:9", PIP_RETRIES: "0" };
    const { demo, left } = await startDemo([], { env });
    const { code, stderr } = await demo.ended;
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Check that this machine reaches"),
    });
    expect(left()).toEqual([]);
  });

  it("does not know what it was not told about", async () => {
    const { demo } = await startDemo(["--forever"]);
    expect(await demo.ended).toMatchObject({ code: 2, stderr: expect.stringContaining("memtrix demo --help") });
  });
});
