import { type Config, isTimezone } from "../src/config/schema.ts";
import type { ModelInfo } from "../src/provider.ts";
import type { MatrixAnswer } from "./matrix/answer.ts";

/** All that must be known to begin. Its own provider and model are those that the agent begins with. */
export interface Answers extends SourceAnswer {
  /** What the agent is called. */
  name: string;
  /** Further models, which `/model` switches to. */
  others: readonly SourceAnswer[];
  /** A section of the config's channels. */
  channel: string;
  /** Undefined where Matrix is not used. */
  matrix?: MatrixAnswer | undefined;
  timezone: string;
}

/** A model, and where it comes from. */
export interface SourceAnswer {
  provider: ProviderAnswer;
  model: ModelAnswer;
}

export interface ProviderAnswer {
  /** What the config calls it: two servers of one type have two names. */
  section: string;
  type: string;
  /** As they stand in the config: a secret is `$NAME`. */
  settings: Record<string, unknown>;
  /** Secrets just typed, by field; they are not in `settings`. */
  secrets: Record<string, string>;
}

export interface ModelAnswer {
  /** What the provider calls it. */
  id: string;
  contextTokens: number;
}

export const suggestedContextTokens = 16_384;
/** Less has no room for what the agent is told before the first message. */
export const leastContextTokens = 8192;

/** What a config says already; running the wizard again begins from it. */
export function answersFrom(config: Config): Answers | undefined {
  const main = config["main-agent"];
  const model = config.models[main.model];
  const provider = model && config.providers[model.provider];
  if (!provider) return undefined;
  const { type, ...settings } = provider;
  return {
    name: main.name,
    provider: { section: model.provider, type, settings, secrets: {} },
    model: { id: model.model, contextTokens: model.context_tokens },
    others: [],
    channel: main.channel,
    timezone: config.timezone,
  };
}

/** The window to suggest for a model. */
export function suggestContextTokens(model: Pick<ModelInfo, "contextTokens"> | undefined): number {
  return Math.min(suggestedContextTokens, model?.contextTokens ?? suggestedContextTokens);
}

export function nameProblem(name: string): string | undefined {
  if (name.trim() === "") return "The agent needs a name.";
  if (name.trim().length > 60) return "A name has 60 characters at most.";
  if (/\p{Cc}/u.test(name)) return "A name is one line of text.";
  return undefined;
}

export function timezoneProblem(timezone: string): string | undefined {
  if (isTimezone(timezone.trim())) return undefined;
  return `There is no time zone "${timezone.trim()}"; write it like Europe/Lisbon, America/New_York or UTC.`;
}

/** `window`: the most that the model itself can hold, where that is known. */
export function contextTokensProblem(tokens: number, window: number | undefined): string | undefined {
  const least = Math.min(leastContextTokens, window ?? leastContextTokens);
  if (!Number.isInteger(tokens)) return "This must be a whole number of tokens, such as 16384.";
  if (tokens < least) return `Memtrix needs ${least.toLocaleString("en")} tokens or more to think in.`;
  if (window !== undefined && tokens > window)
    return `The model itself holds ${window.toLocaleString("en")} tokens; say no more than that.`;
  return undefined;
}

/** The section names of a config begin with a letter or digit and hold no spaces. */
export function sectionProblem(section: string): string | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(section)) return undefined;
  return "A provider's name has letters, digits, dots, dashes and underscores only.";
}
