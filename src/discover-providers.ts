import { type Discovery, discover } from "./discover.ts";
import type { ProviderModule } from "./provider.ts";

/** The providers of a folder, by the name that the config calls their type. */
export function discoverProviders(directory: string): Promise<Discovery<ProviderModule>> {
  return discover<ProviderModule>(directory, problemOf);
}

function problemOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "has no default export made by defineProvider";
  const { name, description, settings, create } = value as Partial<ProviderModule>;
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]*$/.test(name))
    return "its name must be lower-case letters, digits and dashes";
  if (typeof description !== "string" || description === "") return "has no description";
  if (typeof settings?.safeParse !== "function") return "its settings must be a zod schema";
  if (typeof create !== "function") return "has no function create";
  return undefined;
}
