import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createPrivateText } from "../../src/agent/private-text.ts";
import { createCoreFiles } from "../../src/memory/core-files.ts";
import { createJournal } from "../../src/memory/journal.ts";
import type { Origin } from "../../src/origin.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { openWorkspace } from "../../src/sandbox/workspace.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { temporaryFolder, temporaryStore } from "../support/temporary.ts";

const now = () => new Date("2026-11-20T14:05:00Z");

async function privateText() {
  const root = temporaryFolder();
  const [store, folder] = [temporaryStore(now), await openFolder(root)];
  const memory = { core: createCoreFiles(folder, now), journal: createJournal(folder, now, "UTC") };
  const workspace = openWorkspace({ folder, origins: store.fileOrigins("main") });
  const session = store.sessions.current("main", "c").id;
  const say = (text: string, origin: Origin = "owner", role: "user" | "assistant" | "tool" = "user") =>
    store.log.append([{ session, run: 1, at: now(), role, sender: "@a", origin, text }]);
  const heard = store.heard("main");
  return { root, folder, memory, workspace, say, text: createPrivateText({ heard, memory, workspace }) };
}

const secret = "the spare key lies under the third flower pot";
const query = "SPARE KEY lies, under the third flower-pot?";

describe("a search shares words with what is the owner's", () => {
  it("when they have said them", async () => {
    const { text, say } = await privateText();
    say(`By the way, ${secret}.`);
    expect(await text.sharesWith(query, [])).toBe(true);
    expect(await text.sharesWith("where to buy a flower pot", [])).toBe(false);
  });

  it("when they stand in a core file, a journal or a file", async () => {
    const one = await privateText();
    expect(await one.text.sharesWith(query, [])).toBe(false);
    await one.folder.write("USER.md", `- ${secret}`);
    expect(await one.text.sharesWith(query, [])).toBe(true);

    const two = await privateText();
    await two.memory.journal.append({ day: "2026-11-19", section: "Notes", text: secret, origin: "agent" });
    expect(await two.text.sharesWith(query, [])).toBe(true);

    const three = await privateText();
    await three.workspace.writeFile("a/b.txt", secret, { overwrite: false });
    expect(await three.text.sharesWith(query, [])).toBe(true);
  });

  it("when they were read aloud from a file, be it a PDF or beyond what is looked at unasked", async () => {
    const { text, say } = await privateText();
    say(`1\t[Page 1 of 9]\n2\tAnd so ${secret}.`, "owner", "tool");
    expect(await text.sharesWith(query, [])).toBe(true);
    const other = await privateText();
    other.say(secret, "web", "tool");
    expect(await other.text.sharesWith(query, [])).toBe(false);
  });

  it("also when a file got them later, or has lost them again", async () => {
    const { text, root } = await privateText();
    await writeFile(join(root, "a.txt"), "nothing yet");
    expect(await text.sharesWith(query, [])).toBe(false);
    await writeFile(join(root, "a.txt"), secret);
    expect(await text.sharesWith(query, [])).toBe(true);
    await writeFile(join(root, "a.txt"), "gone");
    expect(await text.sharesWith(query, [])).toBe(true);
  });

  it("not when they are only those of a page, a guest or the agent", async () => {
    const { text, say, memory, workspace } = await privateText();
    say(secret, "guest");
    say(secret, "agent", "assistant");
    await memory.journal.append({ day: "2026-11-19", section: "Notes", text: secret, origin: "web" });
    await workspace.writingAs(() => "web").writeFile("page.txt", secret, { overwrite: false });
    expect(await text.sharesWith(query, [])).toBe(false);
  });

  it("not when they are those of the very message that is being answered", async () => {
    const { text, say } = await privateText();
    say(`search: ${secret}`);
    expect(await text.sharesWith(query, [`search: ${secret}`])).toBe(false);
  });

  it("which is told at once, also after a hundred thousand messages", async () => {
    const random = seededRandom(3);
    const words = Array.from({ length: 5_000 }, (_, index) => `word${index.toString(36)}`);
    const sentence = () => Array.from({ length: 12 }, () => words[Math.floor(random() * words.length)]).join(" ");
    const messages = Array.from({ length: 100_000 }, (_, index) => ({ id: index + 1, text: sentence() }));
    const { memory, workspace } = await privateText();
    const heard = { ownersWordsAfter: (id: number) => messages.slice(id, id + 500) };
    const text = createPrivateText({ heard, memory, workspace });
    await text.sharesWith(sentence(), []);
    const began = performance.now();
    for (let times = 0; times < 10; times++) await text.sharesWith(sentence(), [sentence()]);
    expect((performance.now() - began) / 10).toBeLessThan(20);
    expect(await text.sharesWith((messages[70_000]?.text ?? "").slice(5, 60), [])).toBe(true);
  });
});
