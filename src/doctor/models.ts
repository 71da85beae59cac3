import { streamText, tool } from "ai";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { discoverProviders } from "../discover-providers.ts";
import { messageOf } from "../errors.ts";
import { silent } from "../log.ts";
import { createModels, type Models } from "../models.ts";
import { type Check, checkOf, type Finding, fault, ok, warning } from "./check.ts";

const anotherModel = "choose another model: memtrix onboard";

/** Every model that an agent uses answers, and calls a tool that it is given: one tiny real request each. */
export const modelsCheck: Check = checkOf(
  "models",
  async (config, { paths, secrets: read }, signal) => {
    const secrets = await read;
    const { found } = await discoverProviders(paths.providers);
    const models = createModels(config, found, secrets, silent);
    return Promise.all(
      namesIn(config).map((name) => look(name, models, signal).catch((error) => refused(name, error))),
    );
  },
  180_000,
);

function namesIn({ "main-agent": main, agents }: Config): string[] {
  return [...new Set([main, ...Object.values(agents)].map(({ model }) => model))];
}

async function look(name: string, models: Models, signal: AbortSignal): Promise<Finding> {
  const { model, parameters } = models.use(name);
  let called = false;
  let text = "";
  const { stream } = streamText({
    ...{ model, ...parameters, maxRetries: 0, abortSignal: signal, onError() {} },
    instructions: "You have one tool, get_current_time. Call it to answer.",
    prompt: "What time is it?",
    tools: { get_current_time: tool({ description: "The time now.", inputSchema: z.object({}) }) },
  });
  for await (const part of stream) {
    if (part.type === "error") throw part.error;
    called ||= part.type === "tool-call";
    if (part.type === "text-delta") text += part.text;
  }
  if (called) return ok(`${name} answers, and calls the tool that it is given`);
  if (text === "") return fault(`${name} answers with nothing`, anotherModel);
  return warning(
    `${name} answers, but did not call the tool that it was given`,
    `an agent needs one that does: ${anotherModel}`,
  );
}

function refused(name: string, error: unknown): Finding {
  return fault(
    `${name}: ${messageOf(error)}`,
    "see that the provider runs and its settings are right: memtrix onboard",
  );
}
