import type { Origin } from "../origin.ts";
import type { Folder } from "../sandbox/folder.ts";
import { timeOf, weekdayOf } from "../time.ts";

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

export function createJournal(folder: Folder, now: () => Date, timezone: string): Journal {
  let last: Promise<unknown> = Promise.resolve();

  const append = async ({ day, section, text, origin }: JournalEntry): Promise<void> => {
    const at = now();
    const content = (await folder.read(pathOf(day)))?.toString("utf8") ?? heading(day);
    const mark = origin === "web" || origin === "guest" ? `${foreignMark} ` : "";
    // Further lines are indented: they stay within the entry, and within its mark.
    const entry = `- ${timeOf(at, timezone)} ${mark}${text.trim().replaceAll(/\r?\n/g, "\n  ")}`;
    await folder.write(pathOf(day), withEntry(content, section, entry));
  };

  return {
    read: async (day) => (await folder.read(pathOf(day)))?.toString("utf8"),
    append(entry) {
      const mine = last.then(() => append(entry));
      last = mine.catch(() => {});
      return mine;
    },
    async days() {
      const entries = await folder.list("memory").catch(() => []);
      return entries.flatMap(({ path, bytes, modifiedAt }) => {
        const day = /^memory\/(\d{4}-\d{2}-\d{2})\.md$/.exec(path)?.[1];
        return day ? [{ day, stamp: `${modifiedAt.getTime()}-${bytes}` }] : [];
      });
    },
  };
}

/** The entries of a journal file, each with its section and its origin. */
export function journalEntries(content: string): { section: string; text: string; origin: Origin }[] {
  const entries: { section: string; text: string; origin: Origin }[] = [];
  let section = "";
  let open = false;
  for (const line of content.split(/\r?\n/)) {
    const heading = /^#+\s+(.*)$/.exec(line);
    if (heading) {
      section = line.startsWith("## ") ? (heading[1] ?? "") : "";
      open = false;
    } else if (line.trim() === "") {
      open = false;
    } else if (open && !line.startsWith("- ")) {
      const entry = entries.at(-1);
      if (entry) entry.text += `\n${line.trim()}`;
    } else {
      const text = line.replace(/^- /, "").trim();
      entries.push({ section, text, origin: text.includes(foreignMark) ? "web" : "agent" });
      open = true;
    }
  }
  return entries;
}

function pathOf(day: string): string {
  return `memory/${day}.md`;
}

function heading(day: string): string {
  return `# ${day}, ${weekdayOf(new Date(`${day}T12:00:00Z`), "UTC")}\n`;
}

/** The entry becomes the last of its section; a section that is not there yet is put at its place among the others. */
function withEntry(content: string, section: JournalSection, entry: string): string {
  const lines = content.trimEnd().split("\n");
  const start = lines.findIndex((line) => line.trim() === `## ${section}`);
  if (start === -1) {
    const later = journalSections.slice(journalSections.indexOf(section) + 1).map((name) => `## ${name}`);
    const next = lines.findIndex((line) => later.includes(line.trim()));
    const at = next === -1 ? lines.length : next;
    const gap = lines[at - 1]?.trim() === "" ? [] : [""];
    lines.splice(at, 0, ...gap, `## ${section}`, "", entry, ...(next === -1 ? [] : [""]));
    return `${lines.join("\n")}\n`;
  }
  let end = lines.findIndex((line, index) => index > start && /^#{1,2} /.test(line));
  if (end === -1) end = lines.length;
  while (end > start + 1 && lines[end - 1]?.trim() === "") end--;
  lines.splice(end, 0, ...(end === start + 1 ? [""] : []), entry);
  return `${lines.join("\n")}\n`;
}
