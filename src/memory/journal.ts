import { isForeign, type Origin } from "../origin.ts";
import type { Folder } from "../sandbox/folder.ts";
import { isDay, timeOf, weekdayOf } from "../time.ts";

export const journalSections = ["Conversations", "Learned", "Decisions", "Tasks", "Notes"] as const;
export type JournalSection = (typeof journalSections)[number];

/** One markdown file a day, `memory/YYYY-MM-DD.md`. The agent appends; any editor may change it. */
export interface Journal {
  /** The file of that day; undefined when there is none. */
  read(day: string): Promise<string | undefined>;
  /** Adds one entry to a section of the day, with the time of now. Two at once lose nothing. */
  append(entry: JournalEntry): Promise<void>;
  /** Every day that has a file, with a stamp that changes when the file does; oldest first. */
  days(): Promise<{ day: string; stamp: string }[]>;
}

export interface JournalEntry {
  day: string;
  section: JournalSection;
  text: string;
  origin: Origin;
}

/** Stands before an entry whose words come from outside; read back as its origin. */
const foreignMark = "(unverified, from outside)";

/** All that some editor takes for the end of a line. */
const lineEnds = /\r\n?|[\n\v\f\u0085\u2028\u2029]/;

export function createJournal(folder: Folder, now: () => Date, timezone: string): Journal {
  let last: Promise<unknown> = Promise.resolve();

  const append = async ({ day, section, text, origin }: JournalEntry): Promise<void> => {
    const at = now();
    const content = (await folder.read(pathOf(day), { maxBytes: mostBytes }))?.toString("utf8") ?? heading(day);
    const mark = isForeign(origin) ? `${foreignMark} ` : "";
    // Further lines are indented: they stay within the entry, and within its mark.
    const words = text
      .trim()
      .split(lineEnds)
      .filter((line) => line.trim() !== "");
    const entry = `- ${timeOf(at, timezone)} ${mark}${words.join("\n  ")}`;
    await folder.write(pathOf(day), withEntry(content, section, entry));
  };

  return {
    read: async (day) => (await folder.read(pathOf(day), { maxBytes: mostBytes }))?.toString("utf8"),
    append(entry) {
      const mine = last.then(() => append(entry));
      last = mine.catch(() => {});
      return mine;
    },
    async days() {
      const entries = await folder.list("memory").catch(() => []);
      return entries.flatMap(({ path, kind, bytes, modifiedAt }) => {
        const day = /^memory\/(\d{4}-\d{2}-\d{2})\.md$/.exec(path)?.[1] ?? "";
        return kind === "file" && isDay(day) ? [{ day, stamp: `${modifiedAt.getTime()}-${bytes}` }] : [];
      });
    },
  };
}

/** The entries of a journal file, each with its section and its origin. Indented lines belong to the entry above them. */
export function journalEntries(content: string): { section: string; text: string; origin: Origin }[] {
  const entries: { section: string; text: string; origin: Origin }[] = [];
  let section = "";
  let current: (typeof entries)[number] | undefined;
  let blankAbove = false;
  for (const line of content.split(/\r?\n/)) {
    const heading = /^#+\s+(.*)$/.exec(line);
    const goesOn = /^\s/.test(line) || !(blankAbove || bullet.test(line));
    if (heading) {
      section = line.startsWith("## ") ? (heading[1] ?? "") : "";
      current = undefined;
    } else if (current && goesOn && line.trim() !== "") {
      current.text += `\n${line.trim()}`;
    } else if (line.trim() !== "") {
      const text = line.replace(bullet, "").trim();
      current = { section, text, origin: text.includes(foreignMark) ? "web" : "agent" };
      entries.push(current);
    }
    blankAbove = line.trim() === "";
  }
  return entries;
}

const bullet = /^[-*+] /;

/** A larger file is no journal: to index it would hold up the search of all the others. */
const mostBytes = 4 * 1024 ** 2;

function pathOf(day: string): string {
  return `memory/${day}.md`;
}

function heading(day: string): string {
  return `# ${day}, ${weekdayOf(new Date(`${day}T12:00:00Z`), "UTC")}\n`;
}

/** The entry becomes the last of its section; a section that is not there yet is put at its place among the others. */
function withEntry(content: string, section: JournalSection, entry: string): string {
  const newline = content.includes("\r\n") ? "\r\n" : "\n";
  const lines = content.trimEnd().split(/\r?\n/);
  const start = lines.findIndex((line) => line.trim() === `## ${section}`);
  if (start === -1) {
    const later = journalSections.slice(journalSections.indexOf(section) + 1).map((name) => `## ${name}`);
    const next = lines.findIndex((line) => later.includes(line.trim()));
    const at = next === -1 ? lines.length : next;
    const gap = lines[at - 1]?.trim() === "" ? [] : [""];
    lines.splice(at, 0, ...gap, `## ${section}`, "", ...entry.split("\n"), ...(next === -1 ? [] : [""]));
    return `${lines.join(newline)}${newline}`;
  }
  let end = lines.findIndex((line, index) => index > start && /^#{1,2} /.test(line));
  if (end === -1) end = lines.length;
  while (end > start + 1 && lines[end - 1]?.trim() === "") end--;
  lines.splice(end, 0, ...(end === start + 1 ? [""] : []), ...entry.split("\n"));
  return `${lines.join(newline)}${newline}`;
}
