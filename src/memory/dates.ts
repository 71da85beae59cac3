import type { ChunkRange } from "../store/chunks.ts";
import { addDays, dayOf, startOfDay } from "../time.ts";
import { monthNames } from "./chunk.ts";

/** Days that a query names, first and last, inclusive. */
export interface DayRange {
  from: string;
  to: string;
}

/** What happened on a day is told on that day or in the week after it. */
const tellingDays = 7;

/** When that was told which a query asks about, if it names a time. */
export function toldWithin(text: string, now: Date, timezone: string): ChunkRange | undefined {
  const days = daysIn(text, dayOf(now, timezone));
  return days && rangeOf(days.from, addDays(days.to, tellingDays), timezone);
}

/** Whole days of the owner, the first and the last included; undefined when neither is given. */
export function rangeOf(from: string | undefined, to: string | undefined, timezone: string): ChunkRange | undefined {
  if (from === undefined && to === undefined) return undefined;
  return {
    from: from === undefined ? 0 : startOfDay(from, timezone).getTime(),
    to: to === undefined ? Number.MAX_SAFE_INTEGER : startOfDay(addDays(to, 1), timezone).getTime(),
  };
}

const monthPattern = monthNames.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join("|");
const seasons: Record<string, [firstMonth: number, months: number]> = {
  spring: [3, 3],
  summer: [6, 3],
  autumn: [9, 3],
  fall: [9, 3],
  winter: [12, 3],
};

/** The dates that a query names plainly, in English or as YYYY-MM-DD; undefined when it names none, or more than one. */
export function daysIn(text: string, today: string): DayRange | undefined {
  const found = readers.flatMap((read) => read(text, today) ?? []);
  const [first] = found;
  return found.length === 1 ? first : undefined;
}

type Reader = (text: string, today: string) => DayRange[] | undefined;

const readers: readonly Reader[] = [
  (text) => matches(text, /\b(\d{4}-\d{2}-\d{2})\b/g, ([, day = ""]) => ({ from: day, to: day })),
  // "3 May", "May 3rd, 2023".
  (text, today) =>
    matches(
      text,
      new RegExp(
        `\\b(?:(\\d{1,2})(?:st|nd|rd|th)?(?: of)? (${monthPattern})|(${monthPattern}) (\\d{1,2})(?:st|nd|rd|th)?)\\b(?:,? (\\d{4}))?`,
        "gi",
      ),
      ([, day1, month1, month2, day2, year]) => {
        const monthDay = `${two(monthOf(month1 ?? month2))}-${two(Number(day1 ?? day2))}`;
        const day = `${year ?? lastYearOf(monthDay, today)}-${monthDay}`;
        return { from: day, to: day };
      },
    ),
  // "in May", "in May 2023", "last May".
  (text, today) =>
    matches(
      text,
      new RegExp(
        `\\b(?:in|during|since|last|this)(?: early| late)? (${monthPattern})\\b(?! \\d{1,2}\\b)(?:,? (\\d{4}))?`,
        "gi",
      ),
      ([, name, year]) => {
        const month = two(monthOf(name));
        return months(`${year ?? lastYearOf(`${month}-01`, today)}-${month}`, 1);
      },
    ),
  // "in spring", "last summer", "in the winter of 2023".
  (text, today) =>
    matches(
      text,
      /\b(?:in|during|last|this)(?: the)? (spring|summer|autumn|fall|winter)\b(?: (?:of )?(\d{4}))?/gi,
      ([, name = "", year]) => {
        const [first, count] = seasons[name.toLowerCase()] ?? [1, 12];
        return months(`${year ?? lastYearOf(`${two(first)}-01`, today)}-${two(first)}`, count);
      },
    ),
  // "in 2023".
  (text) =>
    matches(text, /\b(?:in|during|of) (\d{4})\b(?!-)/g, ([whole, year]) =>
      isOfMonth(text, whole) ? undefined : months(`${year}-01`, 12),
    ),
  (text, today) =>
    matches(
      text,
      /\b(today|yesterday|(?:last|this|past) (?:week|month|year)|(\d+|a|two|three) (day|week|month)s? ago)\b/gi,
      (match) => relative(match, today),
    ),
];

/** How many days ago one of them is, and how far off that may be. */
const lengths: Record<string, [days: number, slack: number]> = { day: [1, 0], week: [7, 3], month: [30, 15] };

function relative([whole, , count, unit]: RegExpMatchArray, today: string): DayRange | undefined {
  const words = whole.toLowerCase();
  if (words === "today") return { from: today, to: today };
  if (words === "yesterday") return { from: addDays(today, -1), to: addDays(today, -1) };
  if (count !== undefined) {
    const number = { a: 1, two: 2, three: 3 }[count.toLowerCase()] ?? Number(count);
    const [days, slack] = lengths[(unit ?? "").toLowerCase()] ?? [1, 0];
    const day = addDays(today, -number * days);
    return { from: addDays(day, -slack), to: addDays(day, slack) };
  }
  const sinceMonday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
  const monday = addDays(today, -sinceMonday);
  const [which, unitWord] = words.split(" ");
  if (unitWord === "week")
    return which === "this" ? { from: monday, to: today } : { from: addDays(monday, -7), to: addDays(monday, -1) };
  const first = unitWord === "month" ? `${today.slice(0, 7)}-01` : `${today.slice(0, 4)}-01-01`;
  if (which === "this") return { from: first, to: today };
  const end = addDays(first, -1);
  return unitWord === "month"
    ? { from: `${end.slice(0, 7)}-01`, to: end }
    : { from: `${end.slice(0, 4)}-01-01`, to: end };
}

/** "May 2023" is read as a month already. */
function isOfMonth(text: string, whole: string): boolean {
  const before = text.slice(0, text.indexOf(whole)).toLowerCase();
  return (
    /(?:spring|summer|autumn|fall|winter) $/.test(before) ||
    (whole.startsWith("of") && new RegExp(`(?:${monthPattern}) $`, "i").test(before))
  );
}

function matches(text: string, pattern: RegExp, read: (match: RegExpMatchArray) => DayRange | undefined): DayRange[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const range = read(match);
    return range && isReal(range) ? [range] : [];
  });
}

function isReal({ from, to }: DayRange): boolean {
  return [from, to].every((day) => !Number.isNaN(Date.parse(day)) && addDays(day, 0) === day);
}

function months(first: string, count: number): DayRange {
  const [year = 0, month = 1] = first.split("-").map(Number);
  const end = new Date(Date.UTC(year, month - 1 + count, 0)).toISOString().slice(0, 10);
  return { from: `${first}-01`, to: end };
}

/** A day of the year without its year means the last one that has begun. */
function lastYearOf(monthDay: string, today: string): number {
  const year = Number(today.slice(0, 4));
  return monthDay <= today.slice(5) ? year : year - 1;
}

function monthOf(name = ""): number {
  return monthNames.findIndex((month) => month.toLowerCase().startsWith(name.slice(0, 3).toLowerCase())) + 1;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
