import { z } from "zod";
import { type Discovery, discover } from "./discover.ts";
import { messageOf } from "./errors.ts";
import { effectNames, type Tool } from "./tool.ts";

/** The tools of a folder, by the name that the model calls them. */
export function discoverTools(directory: string): Promise<Discovery<Tool>> {
  return discover<Tool>(directory, problemOf);
}

function problemOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "has no default export made by defineTool";
  const { name, description, input, effects, run } = value as Partial<Tool>;
  if (typeof name !== "string" || !/^[a-z][a-z0-9_]{0,63}$/.test(name))
    return "its name must be lower-case letters, digits and _";
  if (typeof description !== "string" || description === "") return "has no description";
  if (typeof input?.safeParse !== "function") return "its input must be a zod schema";
  const schemaProblem = schemaProblemOf(input);
  if (schemaProblem) return schemaProblem;
  if (!Array.isArray(effects)) return "declares no effects: [] says that it has none";
  const unknown = effects.find((effect) => !effectNames.includes(effect));
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is no effect: there are ${effectNames.join(", ")}`;
  if (typeof run !== "function") return "has no function run";
  return undefined;
}

/** What no model could be told how to call would fail every request. */
function schemaProblemOf(input: z.ZodType): string | undefined {
  try {
    const { type, anyOf, oneOf } = z.toJSONSchema(input, { io: "input" });
    return type === "object" || anyOf || oneOf ? undefined : "its input must be an object: z.object({ … })";
  } catch (error) {
    return `its input cannot be described to a model (${messageOf(error)})`;
  }
}
