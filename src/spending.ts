import type { Usage } from "./store/usage.ts";
import { dayOf, startOfDay } from "./time.ts";

export interface DayLimits {
  tokens_per_day: number | null;
  /** US dollars. */
  cost_per_day: number | null;
}

/** What the models have cost today, held against the limits of the config. */
export interface Spending {
  /** A sentence for the person, once a limit is reached. */
  capReached(): string | undefined;
}

export function createSpending(usage: Usage, limits: DayLimits, now: () => Date, timezone: string): Spending {
  return {
    capReached() {
      if (limits.tokens_per_day === null && limits.cost_per_day === null) return undefined;
      const today = usage.since(startOfDay(dayOf(now(), timezone), timezone));
      const tokens = today.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
      const cost = today.reduce((sum, row) => sum + (row.cost ?? 0), 0);
      const raise = "It begins anew at midnight; raise it in data/config.json.";
      if (limits.tokens_per_day !== null && tokens >= limits.tokens_per_day)
        return `Today's limit of ${limits.tokens_per_day} tokens (limits.tokens_per_day) is used up. ${raise}`;
      if (limits.cost_per_day !== null && cost >= limits.cost_per_day)
        return `Today's limit of $${limits.cost_per_day} (limits.cost_per_day) is used up. ${raise}`;
      return undefined;
    },
  };
}
