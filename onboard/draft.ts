import { type Config, localTimezone } from "../src/config/schema.ts";
import type { ModelInfo, Provider } from "../src/provider.ts";
import { type Answers, answersFrom, type ProviderAnswer, suggestContextTokens } from "./answers.ts";
import type { Field } from "./fields.ts";
import { matrixSection } from "./matrix/answer.ts";
import { type MatrixDraft, matrixAnswerOf, matrixDraftFrom } from "./matrix/draft.ts";
import { secretNames } from "./secret-names.ts";
import type { Setup } from "./setup.ts";
import type { ProviderChoice } from "./wizard-steps.ts";

/** What the wizard knows so far. */
export interface Draft {
  name: string;
  provider?: ProviderAnswer | undefined;
  /** The provider answered without its settings being asked for. */
  ready: boolean;
  connection?: { provider: Provider; models: ModelInfo[] } | undefined;
  model?: ModelInfo | undefined;
  contextTokens?: number | undefined;
  /** A section of the config's channels that is not Matrix's. */
  channel: string;
  matrix: MatrixDraft;
  timezone: string;
}

/** Where the wizard begins: with what the config says, if there is one. */
export function draftFrom(existing: Config | undefined): Draft {
  const before = existing && answersFrom(existing);
  const matrix = matrixDraftFrom(existing);
  if (!before) return { name: "Memtrix", ready: false, channel: "cli", matrix, timezone: localTimezone() };
  const { model, ...answers } = before;
  const channel = matrix.where === "kept" ? "cli" : answers.channel;
  return { ...answers, channel, matrix, ready: false, model: { id: model.id }, contextTokens: model.contextTokens };
}

/** Another provider has other models; the same one keeps what was said of it. */
export function withProvider(
  draft: Draft,
  { section, type, ready }: ProviderChoice,
  existing: Config | undefined,
): Draft {
  if (section === draft.provider?.section && !ready) return { ...draft, ready };
  const { type: _, ...settings } = existing?.providers[section] ?? { type };
  return {
    ...draft,
    ready,
    provider: { section, type, settings, secrets: {} },
    model: undefined,
    contextTokens: undefined,
  };
}

/** `value`: undefined takes a setting away, and keeps a secret as it is. */
export function withSetting(draft: Draft, { name, secret }: Field, value: unknown, current: unknown): Draft {
  if (!draft.provider) return draft;
  const { [name]: _, ...settings } = draft.provider.settings;
  const { secrets } = draft.provider;
  if (!secret)
    return {
      ...draft,
      provider: { ...draft.provider, settings: value === undefined ? settings : { ...settings, [name]: value } },
    };
  if (value !== undefined)
    return { ...draft, provider: { ...draft.provider, settings, secrets: { ...secrets, [name]: String(value) } } };
  if (secrets[name] !== undefined || current === undefined) return draft;
  return { ...draft, provider: { ...draft.provider, settings: { ...settings, [name]: current } } };
}

/** Another model has another window. One that was fetched just now is on offer from here on. */
export function withModel(draft: Draft, model: ModelInfo): Draft {
  const { connection } = draft;
  const isListed = connection?.models.some(({ id }) => id === model.id);
  return {
    ...draft,
    model,
    connection: connection && !isListed ? { ...connection, models: [model, ...connection.models] } : connection,
    contextTokens: model.id === draft.model?.id ? draft.contextTokens : undefined,
  };
}

/** What stands in a field now: of a secret its `$NAME`, also where the owner put it into `.env` beforehand. */
export function currentSetting({ provider }: Draft, { name, secret }: Field, { existing, secrets }: Setup): unknown {
  if (!provider) return undefined;
  const placeholderName = secretNames({ section: provider.section, secrets: { [name]: "" } }, existing)[name];
  if (secret && provider.secrets[name] !== undefined) return `$${placeholderName}`;
  if (provider.settings[name] !== undefined) return provider.settings[name];
  return secret && placeholderName && secrets.has(placeholderName) ? `$${placeholderName}` : undefined;
}

/** The answers, once all is said. */
export function answersOf(draft: Draft, existing: Config | undefined): Answers | undefined {
  const { name, provider, model, contextTokens, timezone } = draft;
  if (!provider || !model) return undefined;
  const matrix = matrixAnswerOf(draft.matrix);
  return {
    name,
    provider,
    model: { id: model.id, contextTokens: contextTokens ?? suggestContextTokens(model) },
    channel: matrix ? matrixSection(existing).name : draft.channel,
    matrix,
    timezone,
  };
}
