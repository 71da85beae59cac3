import { localTimezone } from "../src/config/schema.ts";
import {
  type Answers,
  answersFrom,
  contextTokensProblem,
  nameProblem,
  type ProviderAnswer,
  suggestContextTokens,
  timezoneProblem,
} from "./answers.ts";
import { openProvider } from "./connection.ts";
import { FlagError, type Flags, refuse, textOfFlag } from "./flags.ts";
import { matrixSection } from "./matrix/answer.ts";
import { type MatrixResult, matrixFromFlags } from "./matrix/flags.ts";
import { type ModelResult, modelFromFlags } from "./model-flags.ts";
import { providerFromFlags } from "./provider-flags.ts";
import type { SecretSources } from "./secret-flags.ts";
import type { Setup } from "./setup.ts";

/** `missing`: one line for each flag that is needed still. `problem`: the provider or the model cannot be used. */
export type FlagResult = { answers: Answers; notices: string[] } | { missing: string[] } | { problem: string };

export interface FlagInput extends SecretSources {
  /** How far the fetching of a model is. */
  onProgress(text: string): void;
}

/** The answers that flags give; what is not said stays as the config has it. Throws a FlagError for a wrong answer. */
export async function answersFromFlags(flags: Flags, setup: Setup, input: FlagInput): Promise<FlagResult> {
  const before = setup.existing && answersFrom(setup.existing);
  const matrix = matrixSection(setup.existing);
  const channels = [...new Set([...Object.keys(setup.existing?.channels ?? { cli: {} }), matrix.name])];
  const name = textOfFlag(flags, "name") ?? before?.name;
  const channel = textOfFlag(flags, "channel") ?? before?.channel;
  const timezone = textOfFlag(flags, "timezone") ?? before?.timezone;
  if (name !== undefined) refuse("name", nameProblem(name));
  if (timezone !== undefined) refuse("timezone", timezoneProblem(timezone));
  if (channel !== undefined && !channels.includes(channel)) refuse("channel", `it must be ${channels.join(" or ")}.`);

  const provider = await providerFromFlags(flags, setup, input);
  const kept = provider.answer?.section === before?.provider.section ? before?.model : undefined;
  const model = await modelOf(flags, provider, kept?.id, setup, input);
  if ("problem" in model) return model;
  const onMatrix: MatrixResult = channel === matrix.name ? await matrixFromFlags(flags, setup, input) : { missing: [] };

  const missing = [
    ...(name === undefined ? ["--name  what the agent is called, e.g. Memtrix"] : []),
    ...provider.missing,
    ...("missing" in model ? [model.missing] : []),
    ...(channel === undefined ? [`--channel  where you talk to it: ${channels.join(" or ")}`] : []),
    ...onMatrix.missing,
    ...(timezone === undefined ? [`--timezone  your time zone; this machine says ${localTimezone()}`] : []),
  ];
  if (name === undefined || channel === undefined || timezone === undefined) return { missing };
  if (!provider.answer || missing.length > 0 || "missing" in model) return { missing };

  const typed = textOfFlag(flags, "context-tokens");
  const known = kept?.id === model.id ? kept.contextTokens : undefined;
  const contextTokens = typed === undefined ? (known ?? suggestContextTokens(model.info)) : Number(typed);
  if (typed !== undefined) refuse("context-tokens", contextTokensProblem(contextTokens, model.info?.contextTokens));
  const dumb = model.info?.tools === false;
  return {
    answers: {
      ...{ name, provider: provider.answer, model: { id: model.id, contextTokens }, others: [] },
      ...{ channel, matrix: onMatrix.answer, timezone },
    },
    notices: dumb ? [`${model.id} cannot call tools: it can talk, but neither remember nor read files by itself.`] : [],
  };
}

type Unchecked = { id: string; info: undefined };

async function modelOf(
  flags: Flags,
  provider: { answer?: ProviderAnswer; missing: string[] },
  kept: string | undefined,
  setup: Setup,
  { onProgress }: FlagInput,
): Promise<ModelResult | Unchecked> {
  const id = textOfFlag(flags, "model") ?? kept;
  const unchecked: ModelResult | Unchecked =
    id === undefined ? { missing: "--model  which of the provider's models" } : { id, info: undefined };
  if (!provider.answer || provider.missing.length > 0) return unchecked;

  const opened = openProvider(provider.answer, setup);
  if ("problem" in opened) throw new FlagError(opened.problem);
  if (flags["no-check"]) return unchecked;
  return modelFromFlags({ provider: provider.answer, id, pull: flags.pull === true, onProgress }, setup);
}
