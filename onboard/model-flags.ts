import { messageOf } from "../src/errors.ts";
import { ModelError } from "../src/model-error.ts";
import type { ModelInfo, Provider } from "../src/provider.ts";
import type { ProviderAnswer } from "./answers.ts";
import { connect, describeModel } from "./connection.ts";
import type { Setup } from "./setup.ts";

export interface ModelQuestion {
  provider: ProviderAnswer;
  /** The model's id, if it was said. */
  id: string | undefined;
  /** Fetch it where it is missing. */
  pull: boolean;
  onProgress(text: string): void;
}

export type ModelResult = { id: string; info: ModelInfo } | { missing: string } | { problem: string };

/** Asks the provider for the model: a real connection test. The only model there is need not be named. */
export async function modelFromFlags(
  { provider, id, pull, onProgress }: ModelQuestion,
  setup: Setup,
): Promise<ModelResult> {
  const connection = await connect(provider, setup);
  if (connection.problem !== undefined)
    return { problem: `${connection.problem}\nNothing was written. To write it all the same add: --no-check` };

  const ids = connection.models.map((model) => model.id);
  const chosen = id ?? (ids.length === 1 ? ids[0] : undefined);
  if (chosen !== undefined) return describe(connection.provider, chosen, pull, onProgress);
  if (ids.length === 0) return { missing: "--model  which model; the provider has none yet" };
  return { missing: `--model  which of: ${ids.slice(0, 20).join(", ")}${ids.length > 20 ? ", …" : ""}` };
}

async function describe(
  provider: Provider,
  id: string,
  pull: boolean,
  onProgress: ModelQuestion["onProgress"],
): Promise<ModelResult> {
  try {
    return { id, info: await describeModel(provider, id) };
  } catch (error) {
    const canPull = provider.pullModel !== undefined && error instanceof ModelError && error.kind === "missing-model";
    if (canPull && pull) return fetchModel(provider, id, onProgress);
    return { problem: canPull ? `${messageOf(error)}\nTo have it fetched now add: --pull` : messageOf(error) };
  }
}

async function fetchModel(
  provider: Provider,
  id: string,
  onProgress: ModelQuestion["onProgress"],
): Promise<ModelResult> {
  try {
    await provider.pullModel?.(id, (done, text) => onProgress(`${Math.round(done * 100)} % ${text}`));
    return { id, info: await describeModel(provider, id) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
