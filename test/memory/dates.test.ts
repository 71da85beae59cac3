import { describe, expect, it } from "vitest";
import { daysIn } from "../../src/memory/dates.ts";

/** A Saturday. */
const today = "2026-11-21";

describe("the days that a query names", () => {
  it.each([
    ["what did I say on 2026-05-03?", "2026-05-03", "2026-05-03"],
    ["who came to dinner on May 3, 2023?", "2023-05-03", "2023-05-03"],
    ["what happened on the 3rd of May?", "2026-05-03", "2026-05-03"],
    ["what happened on 24 December", "2025-12-24", "2025-12-24"],
    ["the trip in May", "2026-05-01", "2026-05-31"],
    ["the trip in february 2024", "2024-02-01", "2024-02-29"],
    ["that restaurant in spring?", "2026-03-01", "2026-05-31"],
    ["where did we go last summer", "2026-06-01", "2026-08-31"],
    ["the storm in winter", "2025-12-01", "2026-02-28"],
    ["the winter of 2023 — what was in the winter of 2023", "2023-12-01", "2024-02-29"],
    ["my job in 2023", "2023-01-01", "2023-12-31"],
    ["what did we talk about yesterday", "2026-11-20", "2026-11-20"],
    ["what did I do last week?", "2026-11-09", "2026-11-15"],
    ["this week", "2026-11-16", "2026-11-21"],
    ["last month's bills", "2026-10-01", "2026-10-31"],
    ["two weeks ago", "2026-11-04", "2026-11-10"],
  ])("%s", (text, from, to) => {
    expect(daysIn(text, today)).toEqual({ from, to });
  });

  it.each([
    "may I ask something?",
    "I may be 30 minutes late",
    "march with me",
    "did he fall?",
    "the spring in the sofa",
    "room 2023",
    "on 2026-13-45",
    "on 31 February",
    "between 3 May and 5 May",
    "who is she",
  ])("are none in: %s", (text) => {
    expect(daysIn(text, today)).toBeUndefined();
  });
});
