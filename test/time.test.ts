import { describe, expect, it } from "vitest";
import { addDays, dayOf, isDay, startOfDay, timeOf, weekdayOf } from "../src/time.ts";

const hoursOf = (day: string, zone: string) =>
  (startOfDay(addDays(day, 1), zone).getTime() - startOfDay(day, zone).getTime()) / 3_600_000;

describe("a moment", () => {
  it.each([
    ["2026-11-20T23:30:00Z", "UTC", "2026-11-20", "23:30", "Friday"],
    ["2026-11-20T23:30:00Z", "Europe/Berlin", "2026-11-21", "00:30", "Saturday"],
    ["2026-11-20T23:30:00Z", "Asia/Kathmandu", "2026-11-21", "05:15", "Saturday"],
    ["2026-11-20T23:30:00Z", "Pacific/Kiritimati", "2026-11-21", "13:30", "Saturday"],
    ["2026-11-20T00:15:00Z", "America/St_Johns", "2026-11-19", "20:45", "Thursday"],
    ["2026-11-20T00:00:00Z", "Australia/Eucla", "2026-11-20", "08:45", "Friday"],
  ])("%s is in %s on %s at %s", (at, zone, day, time, weekday) => {
    const moment = new Date(at);
    expect([dayOf(moment, zone), timeOf(moment, zone), weekdayOf(moment, zone)]).toEqual([day, time, weekday]);
  });
});

describe("the beginning of a day", () => {
  it.each([
    ["2026-11-20", "UTC", "2026-11-20T00:00:00.000Z"],
    ["2026-11-20", "Europe/Berlin", "2026-11-19T23:00:00.000Z"],
    ["2026-11-20", "Asia/Kathmandu", "2026-11-19T18:15:00.000Z"],
    ["2026-11-20", "America/St_Johns", "2026-11-20T03:30:00.000Z"],
    ["2026-11-20", "Pacific/Kiritimati", "2026-11-19T10:00:00.000Z"],
    ["2026-11-20", "Pacific/Pago_Pago", "2026-11-20T11:00:00.000Z"],
    ["1883-11-01", "America/New_York", "1883-11-01T04:56:02.000Z"],
    // Clocks go from 24:00 to 01:00: the day begins at one.
    ["2023-09-03", "America/Santiago", "2023-09-03T04:00:00.000Z"],
    ["2024-04-26", "Africa/Cairo", "2024-04-25T22:00:00.000Z"],
    // Clocks go from 01:00 back to 00:00: it begins at the first of the two midnights.
    ["2026-11-01", "America/Havana", "2026-11-01T04:00:00.000Z"],
    // From 24:00 back to 23:00: it begins at the second.
    ["2024-04-07", "America/Santiago", "2024-04-07T04:00:00.000Z"],
  ])("of %s in %s is %s", (day, zone, expected) => {
    const start = startOfDay(day, zone);
    expect(start.toISOString()).toBe(expected);
    expect(dayOf(start, zone)).toBe(day);
    expect(dayOf(new Date(start.getTime() - 1), zone) < day).toBe(true);
  });

  it.each([
    ["2026-03-29", "Europe/Berlin", 23],
    ["2026-10-25", "Europe/Berlin", 25],
    ["2026-10-26", "Europe/Berlin", 24],
    ["2026-10-04", "Australia/Lord_Howe", 23.5],
    ["2026-04-05", "Australia/Lord_Howe", 24.5],
    ["2023-09-03", "America/Santiago", 23],
    ["2011-12-30", "Pacific/Apia", 0], // Left out when the island changed sides.
  ])("is as far from the next as the day is long: %s in %s has %d hours", (day, zone, hours) => {
    expect(hoursOf(day, zone)).toBe(hours);
  });
});

describe("the calendar", () => {
  it("counts days over months, years and changes of the clock", () => {
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(addDays("2026-03-29", -1)).toBe("2026-03-28");
    expect(addDays("2026-10-25", 1)).toBe("2026-10-26");
    expect(addDays("2026-11-20", 0)).toBe("2026-11-20");
  });

  it("goes on after the last day that four digits can tell", () => {
    expect(startOfDay(addDays("9999-12-31", 1), "Europe/Berlin").toISOString()).toBe("9999-12-31T23:00:00.000Z");
  });

  it.each(["2026-11-20", "2028-02-29", "0001-01-01", "9999-12-31"])("knows %s", (day) => {
    expect(isDay(day)).toBe(true);
  });

  it.each([
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-1-1",
    "20261120",
    "2026-11-20T00:00",
    " 2026-11-20",
    "",
    "today",
  ])("knows no %j", (text) => {
    expect(isDay(text)).toBe(false);
  });
});
