import { z } from "zod";
import { sentences } from "../src/config/problems.ts";
import type { Secrets } from "../src/config/secrets.ts";
import { messageOf } from "../src/errors.ts";
import type { ModelInfo, Provider, ProviderContext, ProviderModule } from "../src/provider.ts";
import type { ProviderAnswer } from "./answers.ts";
import { adviceOn, type Surroundings } from "./surroundings.ts";

/** What a provider said when it was really asked. */
export type Connection = { provider: Provider; models: ModelInfo[]; problem?: undefined } | { problem: string };

export interface ConnectionTools {
  modules: ReadonlyMap<string, ProviderModule>;
  /** For settings that name a secret of `.env`. */
  secrets: Pick<Secrets, "resolve">;
  context: ProviderContext;
  surroundings: Surroundings;
}

export interface Patience {
  signal?: AbortSignal;
  /** A list needs no model to be loaded, so a server that is there gives it soon. */
  patienceMs?: number;
}

/** Asks a provider for its models. Never throws; the problem is a sentence. */
export async function connect(
  answer: ProviderAnswer,
  tools: ConnectionTools,
  { signal, patienceMs = 30_000 }: Patience = {},
): Promise<Connection> {
  const limit = AbortSignal.timeout(patienceMs);
  try {
    const opened = openProvider(answer, tools);
    if ("problem" in opened) return opened;
    const { provider } = opened;
    return { provider, models: await provider.listModels(signal ? AbortSignal.any([signal, limit]) : limit) };
  } catch (error) {
    const advice = Object.values(answer.settings).map((value) => adviceOn(value, tools.surroundings));
    const reason = limit.aborted ? `${answer.section} did not answer within ${patienceMs / 1000} s.` : messageOf(error);
    return { problem: [reason, ...advice.filter((each) => each !== undefined)].join(" ") };
  }
}

/** Checks the settings and makes the provider; sends nothing. Throws a ConfigError when a secret is missing. */
export function openProvider(
  { type, settings, secrets }: ProviderAnswer,
  { modules, secrets: known, context }: ConnectionTools,
): { provider: Provider } | { problem: string } {
  const module = modules.get(type);
  if (!module) return { problem: `There is no provider "${type}" in the folder providers.` };
  const checked = module.settings.safeParse({ ...known.resolve(settings), ...secrets });
  if (!checked.success) return { problem: sentences(checked.error, type).join(" ") };
  return { provider: module.create(checked.data, context) };
}

/** What is wrong with one setting by itself, in a sentence on "this"; undefined when nothing is. */
export function settingProblem(
  { settings }: Pick<ProviderModule, "settings">,
  name: string,
  value: unknown,
): string | undefined {
  const checked = settings.safeParse({ [name]: value });
  const own = checked.error?.issues.filter(({ path }) => path[0] === name) ?? [];
  if (own.length === 0) return undefined;
  return sentences(new z.ZodError(own.map((issue) => ({ ...issue, path: issue.path.slice(1) }))), "This").join(" ");
}

/** What is known of a model, with the window that is its own: a provider may tell of a smaller one that it would use. */
export async function describeModel(provider: Provider, id: string, signal?: AbortSignal): Promise<ModelInfo> {
  const unlimited = Number.MAX_SAFE_INTEGER;
  const { contextTokens, ...info } = await provider.describeModel(id, { contextTokens: unlimited }, signal);
  return contextTokens === unlimited ? info : { ...info, contextTokens };
}
