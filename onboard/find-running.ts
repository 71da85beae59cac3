import type { ProviderModule } from "../src/provider.ts";
import { type ConnectionTools, connect, openProvider } from "./connection.ts";
import { fieldsOf } from "./fields.ts";
import { asReached, isOwnAddress, type Surroundings } from "./surroundings.ts";

/** A server of models that answered without being told anything. */
export interface RunningServer {
  /** What is not the provider's default. */
  settings: Record<string, unknown>;
  models: number;
}

/** Waiting longer for a server on this machine would only hold people up. */
const patienceMs = 2000;

/** The providers, by type, that run a server where one is usual. */
export async function findRunning(tools: ConnectionTools, signal: AbortSignal): Promise<Map<string, RunningServer>> {
  const found = await Promise.all(
    [...tools.modules.values()].map(async (module): Promise<[string, RunningServer] | undefined> => {
      for (const host of tools.surroundings.hosts(module.name)) {
        const server = await serverAt(host, module, tools, signal);
        if (server) return [module.name, server];
      }
      return undefined;
    }),
  );
  return new Map(found.filter((each) => each !== undefined));
}

/** The settings whose default is an address on this machine, where it is reached by another name from here. */
export function usualSettings(module: ProviderModule, { hosts }: Surroundings): Record<string, unknown> {
  return settingsOn(hosts(module.name)[0] ?? "", module);
}

async function serverAt(
  host: string,
  module: ProviderModule,
  tools: ConnectionTools,
  signal: AbortSignal,
): Promise<RunningServer | undefined> {
  const settings = settingsOn(host, module);
  const answer = { section: module.name, type: module.name, settings, secrets: {} };
  const opened = openProvider(answer, tools);
  if ("problem" in opened || !opened.provider.loadsModels) return undefined;
  const connection = await connect(answer, tools, { signal, patienceMs });
  return connection.problem === undefined ? { settings, models: connection.models.length } : undefined;
}

function settingsOn(host: string, module: ProviderModule): Record<string, unknown> {
  const own = fieldsOf(module).filter((field) => isOwnAddress(field.default));
  const moved = own.map((field) => [field.name, asReached(field.default, host), field.default] as const);
  return Object.fromEntries(moved.filter(([, here, usual]) => here !== usual).map(([name, here]) => [name, here]));
}
