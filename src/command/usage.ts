import { addDays, dayOf, startOfDay } from "../time.ts";
import type { Command, CommandContext } from "./command.ts";

export const usage: Command<Pick<CommandContext, "usage" | "caps" | "now" | "timezone">> = {
  name: "usage",
  summary: "tokens and cost of the last seven days",
  who: "owner",
  async run(_args, { usage, caps, now, timezone }) {
    const today = dayOf(now(), timezone);
    const rows = usage.byDay(startOfDay(addDays(today, -6), timezone), (at) => dayOf(at, timezone));
    if (rows.length === 0) return "No model was asked in the last seven days.";

    const table = rows.map(
      ({ day, agent, model, requests, inputTokens, cachedTokens, outputTokens, cost }) =>
        `| ${[day, agent, model, requests, inputTokens, cachedTokens, outputTokens, dollars(cost)].join(" | ")} |`,
    );
    const spent = rows.filter(({ day }) => day === today);
    const tokens = spent.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
    const cost = spent.reduce((sum, row) => sum + (row.cost ?? 0), 0);
    const left = [
      caps.tokensPerDay === null ? "" : `${Math.max(0, caps.tokensPerDay - tokens)} of ${caps.tokensPerDay} tokens`,
      caps.costPerDay === null ? "" : `${dollars(Math.max(0, caps.costPerDay - cost))} of ${dollars(caps.costPerDay)}`,
    ].filter(Boolean);
    return [
      "| day | agent | model | requests | tokens in | of them cached | tokens out | cost |",
      "|---|---|---|--:|--:|--:|--:|--:|",
      ...table,
      ...(left.length > 0 ? ["", `Left today: ${left.join(", ")}.`] : []),
    ].join("\n");
  },
};

function dollars(cost: number | undefined): string {
  return cost === undefined ? "–" : `$${cost.toFixed(4)}`;
}
