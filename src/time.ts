/** Calendar days and clock times as the owner sees them. A day is `YYYY-MM-DD`, a time `HH:MM`. */

interface Clock {
  format: Intl.DateTimeFormat;
  /** What was asked for last, in seconds since 1970: each moment is asked for several times over. */
  second: number;
  parts: Record<string, string>;
}

const clocks = new Map<string, Clock>();

function clockOf(timezone: string): Clock {
  const known = clocks.get(timezone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone: timezone, hourCycle: "h23", weekday: "long", timeZoneName: "longOffset" },
    ...{ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
  });
  const clock = { format, second: Number.NaN, parts: {} };
  clocks.set(timezone, clock);
  return clock;
}

function partsOf(at: Date, timezone: string): Record<string, string> {
  const clock = clockOf(timezone);
  const second = Math.floor(at.getTime() / 1000);
  if (clock.second !== second) {
    clock.parts = Object.fromEntries(clock.format.formatToParts(at).map(({ type, value }) => [type, value]));
    clock.second = second;
  }
  return clock.parts;
}

export function dayOf(at: Date, timezone: string): string {
  const { year, month, day } = partsOf(at, timezone);
  return `${year}-${month}-${day}`;
}

export function timeOf(at: Date, timezone: string): string {
  const { hour, minute } = partsOf(at, timezone);
  return `${hour}:${minute}`;
}

export function weekdayOf(at: Date, timezone: string): string {
  return partsOf(at, timezone).weekday ?? "";
}

/** The moment at which `day` begins in `timezone`. */
export function startOfDay(day: string, timezone: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // The zone's offset at UTC's midnight may differ from the one at the zone's own: the second round corrects it.
  const first = new Date(midnight - offsetMs(new Date(midnight), timezone));
  const second = new Date(midnight - offsetMs(first, timezone));
  // Where clocks are set forward at midnight the day begins later than 00:00, at the change itself.
  return dayOf(second, timezone) < day ? first : second;
}

/** The day `days` after `day`. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().replace(/T.*$/, "");
}

export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text;
}

function offsetMs(at: Date, timezone: string): number {
  const name = partsOf(at, timezone).timeZoneName ?? "";
  const [, sign, hours, minutes, seconds = 0] = /([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name) ?? [];
  if (!sign) return 0; // "GMT" alone.
  return Number(`${sign}1`) * 1000 * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}
