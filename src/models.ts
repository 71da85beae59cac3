import type { AgentModel } from "./agent/agent.ts";
import type { Config } from "./config/config.ts";
import type { Secrets } from "./config/secrets.ts";
import { ConfigError } from "./errors.ts";
import type { Logger } from "./log.ts";
import { ModelError } from "./model-error.ts";
import { createModelFetch } from "./model-fetch.ts";
import type { ModelInfo, Provider, ProviderModule } from "./provider.ts";

/** The models of the config, by the names that the owner gave them. */
export interface Models {
  /** `over`: in the place of the model's own parameters. Throws a ConfigError when there is none of that name. */
  use(name: string, over?: Config["models"][string]["parameters"]): AgentModel;
  list(): { name: string; description: string }[];
  provider(section: string): Provider;
}

/** @throws ConfigError when a section of the config does not fit its provider. */
export function createModels(
  config: Pick<Config, "models" | "providers">,
  modules: ReadonlyMap<string, ProviderModule>,
  secrets: Secrets,
  log: Logger,
): Models {
  const providers = new Map<string, Provider>();
  const used = new Map<string, AgentModel>();

  function provider(section: string): Provider {
    const known = providers.get(section);
    if (known) return known;
    const { type, ...settings } = config.providers[section] ?? { type: "" };
    const module = modules.get(type);
    if (!module)
      throw new ConfigError(
        `providers.${section}.type is "${type}", and there is no such provider: use one of ${[...modules.keys()].join(", ")}.`,
      );
    const parsed = module.settings.safeParse(secrets.resolve(settings));
    if (!parsed.success) {
      const problem = parsed.error.issues.map(
        ({ path, message }) => `providers.${section}.${path.join(".")}: ${message}`,
      );
      throw new ConfigError(`${problem.join("; ")}. Correct data/config.json, or run: memtrix onboard`);
    }
    const created = module.create(parsed.data, { fetch: (options) => createModelFetch(options) });
    providers.set(section, created);
    return created;
  }

  function use(name: string, over: Config["models"][string]["parameters"] = {}): AgentModel {
    const key = JSON.stringify([name, over]);
    const known = used.get(key);
    if (known) return known;
    const section = config.models[name];
    if (!section) throw new ConfigError(`There is no model named ${name} in the config: choose another with /model.`);

    const { think, context_tokens: contextTokens } = section;
    const from = provider(section.provider);
    const parameters = { think, contextTokens };
    const { temperature, top_p: topP, max_tokens: maxTokens } = { ...section.parameters, ...over };
    let info: Promise<ModelInfo> | undefined;
    const infoFor = (signal: AbortSignal): Promise<ModelInfo> => {
      // Several conversations may wait for it: the signal of one must not end it for all.
      info ??= from.describeModel(section.model, parameters, AbortSignal.timeout(10_000));
      return unlessAborted(info, signal);
    };
    const model: AgentModel = {
      ...{ name, provider: from, notice: from.notice, parameters: { temperature, topP, maxTokens } },
      model: from.languageModel(section.model, parameters),
      async sees(signal) {
        return section.vision ?? (await infoFor(signal).catch(() => undefined))?.vision === true;
      },
      async contextTokens(signal) {
        try {
          return Math.min((await infoFor(signal)).contextTokens ?? contextTokens, contextTokens);
        } catch (error) {
          signal.throwIfAborted();
          info = undefined; // Asked again next time: the server may be back by then.
          if (error instanceof ModelError && error.kind === "missing-model") throw error;
          log.info("The model's window is not known", { model: name, error });
          return contextTokens;
        }
      },
    };
    used.set(key, model);
    return model;
  }

  return {
    use,
    provider,
    list: () =>
      Object.entries(config.models).map(([name, { model, provider }]) => ({
        name,
        description: `${model} of ${provider}`,
      })),
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
