import { type Config, placeholder } from "../src/config/schema.ts";
import type { ProviderAnswer } from "./answers.ts";

/**
 * The name in `.env` of each secret that was typed, by field: MY_VLLM_API_KEY for the `api_key` of "my-vllm". One that the
 * section has already is kept; one that another part of the config uses is never taken.
 */
export function secretNames(
  { section, secrets }: Pick<ProviderAnswer, "section" | "secrets">,
  existing: Partial<Config> | undefined,
): Record<string, string> {
  const { [section]: own, ...others } = existing?.providers ?? {};
  const taken = new Set(placeholdersIn({ ...existing, providers: others }));
  const names = Object.keys(secrets).map((field) => {
    const [current] = placeholdersIn(own?.[field]);
    const name = current && !taken.has(current) ? current : freeName(`${section}_${field}`, taken);
    taken.add(name);
    return [field, name];
  });
  return Object.fromEntries(names);
}

function freeName(wish: string, taken: ReadonlySet<string>): string {
  const name = wish
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^(?=\d)/, "_");
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}

function placeholdersIn(value: unknown): string[] {
  if (typeof value === "string") return placeholder.exec(value)?.slice(1, 2) ?? [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(placeholdersIn);
}
