import type { AgentPlan, AgentWish } from "../agent/team.ts";
import { soulFor } from "../agent-files.ts";
import type { Config } from "../config/config.ts";
import type { Secrets } from "../config/secrets.ts";
import { agentIdProblem } from "../sandbox/names.ts";

export interface PlanOptions {
  config: Config;
  secrets: Pick<Secrets, "has">;
  /** Ids that are, or were, in use beside those of the config. */
  taken: ReadonlySet<string>;
  tainted: boolean;
}

/** As in the config. */
const longestId = 32;
/** What SOUL.md may have. */
const longestInstructions = 2_500;

/** What would be made of a wish. @throws a sentence for what cannot be. */
export function planAgent(wish: AgentWish, { config, secrets, taken, tainted }: PlanOptions): AgentPlan {
  const { "main-agent": main, agents, models } = config;
  const name = wish.name.normalize("NFC").replace(/\s+/g, " ").trim();
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(name)) throw new Error("The name has characters in it that cannot be seen.");
  const id = idOf(name);
  const problem = agentIdProblem(id);
  if (problem) throw new Error(`${JSON.stringify(name)} cannot be the name of an agent: ${problem}`);

  const names = [main.name, ...Object.values(agents).map((agent) => agent.name)];
  const isTaken = names.some((one) => one.toLowerCase() === name.toLowerCase() || idOf(one) === id);
  if (isTaken || Object.hasOwn(agents, id))
    throw new Error(`There is an agent of that name (${id}) already: choose another.`);
  if (taken.has(id))
    throw new Error(`There was an agent ${id} once, and an id is never used again: choose another name.`);
  if (Object.values(secretNames(id)).some(secrets.has))
    throw new Error(`The secrets of an agent ${id} would take names that are in use: choose another name.`);

  const model = wish.model?.trim() || main.model;
  if (!Object.hasOwn(models, model))
    throw new Error(`There is no model ${JSON.stringify(model)}. There are: ${Object.keys(models).join(", ")}.`);
  const description = wish.description.replace(/\s+/g, " ").trim();
  if (description === "") throw new Error("Say in a line what it is for.");
  const instructions = wish.instructions?.trim() ? `${wish.instructions.trim()}\n` : soulFor(description);
  if (instructions.length > longestInstructions)
    throw new Error(
      `Its instructions may have ${longestInstructions} characters and these have ${instructions.length}: shorten them.`,
    );
  return { id, name, description, model, instructions, tainted };
}

/** The names in `.env` of what is secret about an agent's account. */
export function secretNames(id: string): Record<"accessToken" | "recoveryKey" | "password", string> {
  const begin = id.toUpperCase().replaceAll("-", "_");
  return {
    accessToken: `${begin}_ACCESS_TOKEN`,
    recoveryKey: `${begin}_RECOVERY_KEY`,
    password: `${begin}_PASSWORD`,
  };
}

/** `Crème brûlée 2` → `creme-brulee-2` */
function idOf(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
  return plain
    .replace(/^[-0-9]+/, "")
    .slice(0, longestId)
    .replace(/-+$/, "");
}
