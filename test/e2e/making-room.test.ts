import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { Turn } from "../support/model-server.ts";
import { program } from "../support/program.ts";
import { readStore } from "../support/store-seen.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";
import { type Heard, startWireModel, type WireModel, wireNames } from "../support/wire-model.ts";

const preload = join(import.meta.dirname, "../support/kill-at-write.mjs");
const windowTokens = 8_192;
const note = "The owner told of many matters.";
const talk = (number: number) => `Matter ${number}: there is ${"much ".repeat(130)}to say.`;
const isForSummary = ({ newest }: Heard) => newest.includes("Sum all of it up");
const isToWriteDown = ({ newest }: Heard) => newest.includes("Write down what will matter");

/** Writes a line into its journal and sums up when it is told to, and else answers by the number. */
function careful(heard: Heard): string | Turn {
  if (isForSummary(heard)) return "Many matters, all told.";
  if (isToWriteDown(heard))
    return heard.calls.length > 0
      ? "nothing"
      : { calls: [{ name: "write_memory_file", input: { section: "Conversations", text: note } }] };
  return `Answer ${numberIn(heard.newest)}.`;
}

/** Of the message itself: what was recalled of earlier ones stands before it. */
const numberIn = (text: string): number => Number([...text.matchAll(/Matter (\d+)/g)].at(-1)?.[1] ?? 0);

function layHome(home: TemporaryHome, model: WireModel): void {
  const config = structuredClone(model.config) as { models: Record<string, object> };
  config.models.small = { ...config.models.small, context_tokens: windowTokens };
  home.write("data/config.json", config);
}

/** Says so much that the next message makes room in the view; gives that message. */
async function fill(home: TemporaryHome, model: WireModel): Promise<string> {
  using other = temporaryHome();
  layHome(other, model);
  await using first = program({ home: other.path });
  await first.chat(Array.from({ length: 30 }, (_, index) => talk(index + 1)));
  const quiet = model.heard.findIndex(isToWriteDown);
  const number = numberIn(model.heard.slice(quiet).find(({ newest }) => numberIn(newest) > 0)?.newest ?? "");

  layHome(home, model);
  await using second = program({ home: home.path });
  await second.chat(Array.from({ length: number - 1 }, (_, index) => talk(index + 1)));
  model.heard.length = 0;
  return talk(number);
}

function journalOf(home: string): string {
  const folder = join(home, "workspace/memory");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".md")) : [];
  return names.map((name) => readFileSync(join(folder, name), "utf8")).join("");
}

describe.each(wireNames)("a long conversation over %s", (wire) => {
  it("stays within the model's window at every request, and tells the server so", async () => {
    await using model = await startWireModel(wire, careful);
    using home = temporaryHome();
    await using memtrix = program({ home: home.path });
    layHome(home, model);
    const lines = Array.from({ length: 60 }, (_, index) => talk(index));
    expect(await memtrix.chat(lines)).toMatchObject({ code: 0 });

    const sizes = model.bodies.map((body) => body.length / 3.5);
    expect(Math.max(...sizes)).toBeLessThan(windowTokens);
    expect(model.heard.filter(isForSummary).length).toBeGreaterThan(3);
    const { log, outbox, integrity } = readStore(home.path);
    expect(integrity).toBe("ok");
    expect(log.filter(({ role }) => role === "user")).toHaveLength(outbox.length);
    expect(new Set(outbox.map(({ text }) => text)).size).toBe(outbox.length);
  }, 60_000);
});

describe("killed while room is made", () => {
  it("does it again at the next start, when the model was just summing up: nothing is lost, and nothing comes twice", async () => {
    let hangs = false;
    await using model = await startWireModel("ollama", (heard) =>
      hangs && isForSummary(heard) ? { delayMs: Number.POSITIVE_INFINITY } : careful(heard),
    );
    using home = temporaryHome();
    const message = await fill(home, model);
    await using memtrix = program({ home: home.path });
    hangs = true;
    const first = memtrix.start(["chat", "-m", message]);
    while (!model.heard.some(isForSummary)) await model.asked(model.bodies.length);
    first.kill("SIGKILL");
    await first.ended;

    hangs = false;
    model.heard.length = 0;
    expect(await memtrix.chat([])).toMatchObject({ code: 0, stdout: `${careful({ newest: message } as Heard)}\n` });
    // What matters was written down before: that is not done again.
    expect(model.heard.map((heard) => [isToWriteDown(heard), isForSummary(heard)])).toEqual([
      [false, true],
      [false, false],
    ]);
    expect(faultsOf(home.path, message)).toEqual([]);
  }, 60_000);

  it("at any of its writes: the same", async () => {
    await using model = await startWireModel("ollama", careful);
    using home = temporaryHome();
    const message = await fill(home, model);
    const writes = await liveThrough(home, message, model);
    expect(writes.faults).toEqual([]);
    expect(writes.count).toBeGreaterThan(15);
    for (let number = 1; number <= writes.count; number += Math.ceil(writes.count / 8)) {
      const killed = await liveThrough(home, message, model, `after:${number}`);
      expect({ number, ...killed }).toMatchObject({ number, signal: "SIGKILL", faults: [] });
    }
  }, 180_000);
});

/** One message said in a copy of this home, killed at a write where one is given, and started again. */
async function liveThrough(base: TemporaryHome, message: string, model: WireModel, killAt?: string) {
  using home = temporaryHome();
  cpSync(base.path, home.path, { recursive: true });
  await using memtrix = program({ home: home.path });
  const inboxBefore = readStore(home.path).inbox.length;
  const file = join(home.path, "writes");
  const env = { NODE_OPTIONS: `--import=${preload}`, WRITES_FILE: file, ...(killAt ? { KILL_AT_WRITE: killAt } : {}) };
  const running = memtrix.start(["chat", "-m", message], { env, limitMs: 30_000 });
  running.input.end();
  const { signal } = await running.ended;
  const count = readFileSync(file, "utf8").trim().split("\n").length;
  if (signal === "SIGKILL") {
    const isTakenIn = readStore(home.path).inbox.length > inboxBefore;
    await (isTakenIn ? memtrix.chat([]) : memtrix.say(message));
  }
  model.heard.length = 0;
  await memtrix.say("And now?");
  const seen = JSON.stringify(model.bodies.at(-1)?.toString());
  const faults = faultsOf(home.path, message);
  if (seen.split("Many matters, all told.").length !== 2) faults.push("the summary is not in view once");
  return { count, signal, faults };
}

/** What is wrong with what is kept after all is done. */
function faultsOf(home: string, message: string): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, fault: string) => void (holds || faults.push(fault));
  const { integrity, log, inbox, outbox, runs } = readStore(home);
  must(integrity === "ok", integrity);
  must(log.filter(({ text }) => text === message).length === 1, "the message is not in the log once");
  must(
    log.every(({ text }) => !text.includes("all told") && !text.includes("This is the program")),
    "what was said to the program is in the log",
  );
  must(new Set(outbox.map(({ text }) => text)).size === outbox.length, "an answer came twice");
  must(outbox.length === inbox.length && outbox.every(({ sent }) => sent), "an answer is missing");
  must(
    runs.every(({ reason }) => reason === "answered"),
    "a run was not answered",
  );
  const notes = journalOf(home).split(note).length - 1;
  must(notes <= 1, `the note was written ${notes} times`);
  using database = new DatabaseSync(join(home, "data/memtrix.db"), { readOnly: true });
  const summaries = database.prepare("SELECT * FROM summary").all();
  must(summaries.length === 1, `there are ${summaries.length} summaries`);
  const { until_entry: until, session } = summaries[0] ?? {};
  const from = database.prepare("SELECT view_from FROM session WHERE id = ?").get(session ?? 0)?.view_from;
  must(until === from, "the view does not begin where its summary ends");
  return faults;
}
