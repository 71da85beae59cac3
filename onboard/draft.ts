import { type Config, localTimezone } from "../src/config/schema.ts";
import type { ModelInfo, Provider } from "../src/provider.ts";
import { type Answers, answersFrom, type ProviderAnswer, type SourceAnswer, suggestContextTokens } from "./answers.ts";
import type { Field } from "./fields.ts";
import { matrixSection } from "./matrix/answer.ts";
import { type MatrixDraft, matrixAnswerOf, matrixDraftFrom } from "./matrix/draft.ts";
import type { ProviderChoice } from "./provider-choices.ts";
import { secretNames } from "./secret-names.ts";
import type { Setup } from "./setup.ts";

/** What the wizard knows so far. */
export interface Draft {
  name: string;
  /** One or more. */
  sources: readonly Source[];
  /** Which of them the agent begins with. */
  main: number;
  /** A section of the config's channels that is not Matrix's. */
  channel: string;
  matrix: MatrixDraft;
  timezone: string;
}

/** A model and where it comes from, as far as it is known. */
export interface Source {
  provider?: ProviderAnswer | undefined;
  /** The provider answered without its settings being asked for. */
  ready: boolean;
  connection?: { provider: Provider; models: ModelInfo[] } | undefined;
  model?: ModelInfo | undefined;
  contextTokens?: number | undefined;
}

/** Where the wizard begins: with what the config says, if there is one. */
export function draftFrom(existing: Config | undefined): Draft {
  const before = existing && answersFrom(existing);
  const matrix = matrixDraftFrom(existing);
  const begin = { main: 0, matrix };
  if (!before)
    return { ...begin, name: "Memtrix", sources: [{ ready: false }], channel: "cli", timezone: localTimezone() };
  const { name, provider, model, timezone } = before;
  return {
    ...{ ...begin, name, timezone },
    sources: [{ provider, ready: false, model: { id: model.id }, contextTokens: model.contextTokens }],
    channel: matrix.where === "kept" ? "cli" : before.channel,
  };
}

export function withSource(draft: Draft, index: number, source: Source): Draft {
  return { ...draft, sources: draft.sources.map((each, position) => (position === index ? source : each)) };
}

/** Whether another one follows. What was said of it is kept. */
export function withMore(draft: Draft, index: number, more: boolean): Draft {
  const sources = more && draft.sources[index + 1] ? draft.sources : draft.sources.slice(0, index + 1);
  const all = more && sources.length === index + 1 ? [...sources, { ready: false }] : sources;
  return { ...draft, sources: all, main: Math.min(draft.main, all.length - 1) };
}

/** Another provider has other models; the same one keeps what was said of it. */
export function withProvider(source: Source, { answer, ready }: ProviderChoice): Source {
  if (answer.section === source.provider?.section && ready === source.ready) return source;
  return { provider: answer, ready };
}

/** `value`: undefined takes a setting away, and keeps a secret as it is. */
export function withSetting(source: Source, { name, secret }: Field, value: unknown, current: unknown): Source {
  if (!source.provider) return source;
  const { [name]: _, ...settings } = source.provider.settings;
  const { secrets } = source.provider;
  const changed = (part: Partial<ProviderAnswer>): Source =>
    source.provider ? { ...source, provider: { ...source.provider, ...part } } : source;
  if (!secret) return changed({ settings: value === undefined ? settings : { ...settings, [name]: value } });
  if (value !== undefined) return changed({ settings, secrets: { ...secrets, [name]: String(value) } });
  if (secrets[name] !== undefined || current === undefined) return source;
  return changed({ settings: { ...settings, [name]: current } });
}

/** Another model has another window. One that was fetched just now is on offer from here on. */
export function withModel(source: Source, model: ModelInfo): Source {
  const { connection } = source;
  const isListed = connection?.models.some(({ id }) => id === model.id);
  return {
    ...source,
    model,
    connection: connection && !isListed ? { ...connection, models: [model, ...connection.models] } : connection,
    contextTokens: model.id === source.model?.id ? source.contextTokens : undefined,
  };
}

/** What stands in a field now: of a secret its `$NAME`, also where the owner put it into `.env` beforehand. */
export function currentSetting({ provider }: Source, { name, secret }: Field, { existing, secrets }: Setup): unknown {
  if (!provider) return undefined;
  const placeholderName = secretNames({ section: provider.section, secrets: { [name]: "" } }, existing)[name];
  if (secret && provider.secrets[name] !== undefined) return `$${placeholderName}`;
  if (provider.settings[name] !== undefined) return provider.settings[name];
  return secret && placeholderName && secrets.has(placeholderName) ? `$${placeholderName}` : undefined;
}

/** The answers, once all is said. */
export function answersOf(draft: Draft, existing: Config | undefined): Answers | undefined {
  const { name, sources, main: mainIndex, timezone } = draft;
  const main = sources[mainIndex] && sourceAnswerOf(sources[mainIndex]);
  if (!main) return undefined;
  const others = sources.filter((_, index) => index !== mainIndex).map(sourceAnswerOf);
  const matrix = matrixAnswerOf(draft.matrix);
  return {
    ...{ name, ...main, others: others.filter((each) => each !== undefined) },
    channel: matrix ? matrixSection(existing).name : draft.channel,
    ...{ matrix, timezone },
  };
}

function sourceAnswerOf({ provider, model, contextTokens }: Source): SourceAnswer | undefined {
  if (!provider || !model) return undefined;
  return { provider, model: { id: model.id, contextTokens: contextTokens ?? suggestContextTokens(model) } };
}
