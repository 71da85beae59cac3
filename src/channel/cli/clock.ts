/** `14:05`, or with its date when that is another day than `now`. */
export function timeOfDay(at: Date, now: Date, timeZone: string | undefined): string {
  const day = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone });
  const time = new Intl.DateTimeFormat("sv-SE", { timeStyle: "short", timeZone }).format(at);
  return day.format(at) === day.format(now) ? time : `${day.format(at)} ${time}`;
}

/** `0.4 s`, `12 s`, `3 min`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}
