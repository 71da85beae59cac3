import { z } from "zod";
import { dayOf, timeOf, weekdayOf } from "../src/time.ts";
import { defineTool, type ToolContext } from "../src/tool.ts";

export default defineTool({
  name: "get_current_time",
  description: "The date, weekday and time now, where your owner is or in another time zone.",
  input: z.object({ timezone: z.string().describe("IANA name, e.g. Asia/Tokyo; left out: your owner's").optional() }),
  effects: [],
  repeatable: true,
  async run({ timezone }, context: Pick<ToolContext, "now" | "timezone">) {
    const zone = timezone ?? context.timezone;
    if (!isTimezone(zone)) throw new Error(`"${zone}" is no time zone: use a name like Europe/Lisbon or Asia/Tokyo.`);
    const now = context.now();
    return `${weekdayOf(now, zone)} ${dayOf(now, zone)}, ${timeOf(now, zone)} (${zone})`;
  },
});

function isTimezone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}
