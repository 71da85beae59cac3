import type { DatabaseSync } from "node:sqlite";

/** What the models cost, call by call. */
export interface Usage {
  add(entry: UsageEntry): void;
  /** Sums from `since` on, by agent and model; the largest first. */
  since(since: Date): UsageSum[];
  /** Sums by day (in the given zone's own dates), newest first. */
  byDay(since: Date, dayOf: (at: Date) => string): (UsageSum & { day: string })[];
}

export interface UsageEntry {
  agent: string;
  model: string;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  /** US dollars; undefined where the provider does not say. */
  cost?: number | undefined;
}

export interface UsageSum extends UsageEntry {
  requests: number;
}

export function createUsage(database: DatabaseSync, now: () => Date): Usage {
  const insert = database.prepare(
    "INSERT INTO usage (at, agent, model, input_tokens, output_tokens, cached_tokens, cost) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const since = database.prepare("SELECT * FROM usage WHERE at >= ? ORDER BY at DESC");

  const sum = <Key extends object>(from: Date, keyOf: (at: Date) => Key): (UsageSum & Key)[] => {
    const sums = new Map<string, UsageSum & Key>();
    for (const row of since.iterate(from.getTime())) {
      const key = { ...keyOf(new Date(Number(row.at))), agent: String(row.agent), model: String(row.model) };
      const id = JSON.stringify(key);
      const none = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, requests: 0 };
      const one: UsageSum = sums.get(id) ?? { ...key, ...none };
      one.inputTokens += Number(row.input_tokens);
      one.outputTokens += Number(row.output_tokens);
      one.cachedTokens += Number(row.cached_tokens);
      if (row.cost !== null) one.cost = (one.cost ?? 0) + Number(row.cost);
      one.requests++;
      sums.set(id, one as UsageSum & Key);
    }
    return [...sums.values()];
  };

  return {
    add({ agent, model, inputTokens, outputTokens, cachedTokens, cost }) {
      insert.run(now().getTime(), agent, model, inputTokens, outputTokens, cachedTokens, cost ?? null);
    },
    since: (from) => sum(from, () => ({})).sort((a, b) => tokensOf(b) - tokensOf(a)),
    byDay: (from, dayOf) => sum(from, (at) => ({ day: dayOf(at) })),
  };
}

function tokensOf({ inputTokens, outputTokens }: UsageEntry): number {
  return inputTokens + outputTokens;
}
