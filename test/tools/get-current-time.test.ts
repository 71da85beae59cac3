import { describe, expect, it } from "vitest";
import getCurrentTime from "../../tools/get_current_time.ts";

const context = { now: () => new Date("2026-12-31T23:30:00Z"), timezone: "Europe/Berlin" };

describe("get_current_time", () => {
  it.each([
    [undefined, "Friday 2027-01-01, 00:30 (Europe/Berlin)"],
    ["America/Los_Angeles", "Thursday 2026-12-31, 15:30 (America/Los_Angeles)"],
    ["Asia/Kathmandu", "Friday 2027-01-01, 05:15 (Asia/Kathmandu)"],
    ["+05:30", "Friday 2027-01-01, 05:00 (+05:30)"],
  ])("gives weekday, date and time in %s", async (timezone, expected) => {
    expect(await getCurrentTime.run({ timezone }, context)).toBe(expected);
  });

  it.each(["Berlin", "", "Europe/../UTC"])("says what a time zone is called instead of %j", async (timezone) => {
    await expect(getCurrentTime.run({ timezone }, context)).rejects.toThrow(
      `"${timezone}" is no time zone: use a name like`,
    );
  });
});
