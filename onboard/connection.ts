import { z } from "zod";
import { sentences } from "../src/config/problems.ts";
import type { Secrets } from "../src/config/secrets.ts";
import { messageOf } from "../src/errors.ts";
import type { ModelInfo, Provider, ProviderContext, ProviderModule } from "../src/provider.ts";
import type { ProviderAnswer } from "./answers.ts";

/** What a provider said when it was really asked. */
export type Connection = { provider: Provider; models: ModelInfo[]; problem?: undefined } | { problem: string };

export interface ConnectionTools {
  modules: ReadonlyMap<string, ProviderModule>;
  /** For settings that name a secret of `.env`. */
  secrets: Pick<Secrets, "resolve">;
  context: ProviderContext;
}

/** Asks a provider for its models. Never throws; the problem is a sentence. */
export async function connect(
  answer: Omit<ProviderAnswer, "section">,
  tools: ConnectionTools,
  signal?: AbortSignal,
): Promise<Connection> {
  try {
    const opened = openProvider(answer, tools);
    if ("problem" in opened) return opened;
    return { provider: opened.provider, models: await opened.provider.listModels(signal) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** Checks the settings and makes the provider; sends nothing. Throws a ConfigError when a secret is missing. */
export function openProvider(
  { type, settings, secrets }: Omit<ProviderAnswer, "section">,
  { modules, secrets: known, context }: ConnectionTools,
): { provider: Provider } | { problem: string } {
  const module = modules.get(type);
  if (!module) return { problem: `There is no provider "${type}" in the folder providers.` };
  const checked = module.settings.safeParse({ ...known.resolve(settings), ...secrets });
  if (!checked.success) return { problem: sentences(checked.error, type).join(" ") };
  return { provider: module.create(checked.data, context) };
}

/** What is wrong with one setting by itself; undefined when nothing is. */
export function settingProblem(
  { settings }: Pick<ProviderModule, "settings">,
  name: string,
  value: unknown,
): string | undefined {
  const checked = settings.safeParse({ [name]: value });
  const own = checked.error?.issues.filter(({ path }) => path[0] === name) ?? [];
  return own.length > 0 ? sentences(new z.ZodError(own)).join(" ") : undefined;
}
