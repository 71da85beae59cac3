import type { ModelMessage } from "ai";
import { isForeign } from "../origin.ts";
import type { Log, LogEntry } from "../store/log.ts";
import type { Session, Sessions } from "../store/sessions.ts";
import type { Summaries } from "../store/summaries.ts";
import { type Earlier, earlierContext } from "./earlier.ts";
import { keptFrom, newBeginning, readInView, shorten, sizeOfAll, wordsOf } from "./in-view.ts";
import { isOver, toMessages } from "./messages.ts";

/** A session as the model sees it. */
export interface View {
  messages: ModelMessage[];
  /** Where the foreign text in it comes from: one phrase each. */
  taints: string[];
  /** The agent's own words in tainted runs, calls included. */
  derived: string[];
  /** The owner's, and what sums them up. */
  owned: string[];
  /** Estimated. */
  tokens: number;
}

export interface ViewOptions {
  log: Log;
  sessions: Sessions;
  summaries?: Pick<Summaries, "current">;
  session: Session;
  /** The run under way. */
  run: number;
  /** Stands before the first message of the run under way. */
  context: string;
  /** Most tokens that the view may have. */
  budgetTokens: number;
}

/**
 * Reads what is in view of the session. When it no longer fits the budget, the beginning of the view moves forward so
 * far that it then stays the same for many runs. A run is kept whole: calls never lose their results.
 */
export function readView(options: ViewOptions): View {
  return readViewThatFits(options) ?? readMovedView(options);
}

/** The view as it stands; undefined when it is too long for the budget. */
export function readViewThatFits(options: ViewOptions): View | undefined {
  const earlier = readEarlier(options);
  const budgetTokens = options.budgetTokens - earlier.tokens;
  const { entries, tokens } = readInView({ ...options, budgetTokens });
  return tokens > budgetTokens ? undefined : viewOf(entries, earlier, options, tokens);
}

function readMovedView(options: ViewOptions): View {
  const { sessions, session, run } = options;
  const budgetTokens = options.budgetTokens - readEarlier(options).tokens;
  const { entries } = readInView({ ...options, budgetTokens });
  const from = newBeginning(entries, run, budgetTokens);
  const first = entries[from];
  if (first && from > 0) sessions.setViewFrom(session, first.id);
  const earlier = readEarlier(options);
  const kept = keptFrom(entries, from, run);
  shorten(kept, run, options.budgetTokens - earlier.tokens);
  return viewOf(kept, earlier, options);
}

/** What stands in view for the entries before its beginning. */
export function readEarlier({
  summaries,
  session,
  budgetTokens,
}: Pick<ViewOptions, "summaries" | "session" | "budgetTokens">): Earlier {
  const summary = summaries?.current(session.id);
  return earlierContext({ summary, incomplete: session.viewFrom > (summary?.until ?? 0), budgetTokens });
}

/** The view that has these entries of the session. */
export function viewOf(
  entries: readonly LogEntry[],
  earlier: Earlier,
  { run, context }: Pick<ViewOptions, "run" | "context">,
  tokens = sizeOfAll(entries, run),
): View {
  const foreign = entries.filter((entry) => isForeign(entry.origin) && !isOver(entry, run));
  const taints = foreign.map(({ role, sender }) =>
    role === "tool" ? `the result of ${sender}` : `the words of ${sender}`,
  );
  const words = (texts: readonly string[]): string[] => texts.filter((text) => text !== "");
  return {
    messages: toMessages(entries, { run, context, head: earlier.text }),
    taints: [...new Set([...earlier.taints, ...taints])],
    derived: words([
      earlier.derived,
      ...entries.filter(({ origin }) => origin === "derived").map((entry) => wordsOf(entry)),
    ]),
    owned: words([
      earlier.clean,
      ...entries.filter(({ role, origin }) => role === "user" && origin === "owner").map(({ text }) => text),
    ]),
    tokens: earlier.tokens + tokens,
  };
}
