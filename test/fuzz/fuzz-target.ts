import type { Random } from "./random.ts";

/** One border over which foreign bytes come in. */
export interface FuzzTarget {
  name: string;
  open(): Promise<OpenTarget>;
}

export interface OpenTarget extends AsyncDisposable {
  /** Hands one made-up input over. Throws when what comes of it is not what may come of it. */
  trial(random: Random): Promise<void> | void;
}

/** An open target that has nothing to close. */
export function stateless(trial: OpenTarget["trial"]): () => Promise<OpenTarget> {
  return async () => ({ trial, async [Symbol.asyncDispose]() {} });
}

/** Throws with the input in the message, so that the report shows it. */
export function check(condition: unknown, sentence: string, input: unknown): asserts condition {
  if (!condition) throw new Error(`${sentence}: ${JSON.stringify(input)?.slice(0, 500)}`);
}
