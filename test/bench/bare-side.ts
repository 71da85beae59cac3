import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isStepCount, jsonSchema, type ModelMessage, streamText, type ToolSet } from "ai";
import { z } from "zod";
import { readView } from "../../src/agent/history.ts";
import { buildInstructions, contextBlock } from "../../src/agent/prompt.ts";
import { type App, mainAgent } from "../../src/app.ts";
import { loadSecrets } from "../../src/config/secrets.ts";
import { discoverProviders } from "../../src/discover-providers.ts";
import { discoverTools } from "../../src/discover-tools.ts";
import { homePaths } from "../../src/home.ts";
import { createCoreFiles } from "../../src/memory/core-files.ts";
import { createModels } from "../../src/models.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import type { Tool, ToolContext } from "../../src/tool.ts";
import type { Times } from "./our-side.ts";

/** The SDK alone, with the same model, instructions, messages and tools. */
export interface BareSide {
  /** Asks what the newest run of this conversation has asked, in one call. */
  sayAgain(): Promise<Times>;
}

export async function openBareSide(home: string, app: App, conversation: string, now: () => Date): Promise<BareSide> {
  const { config, store, log } = app;
  const paths = homePaths(home);
  const [{ found: tools }, providers] = await Promise.all([
    discoverTools(paths.tools),
    discoverProviders(paths.providers),
  ]);
  const { model } = createModels(config, providers.found, loadSecrets(home), log).use(config["main-agent"].model);
  const folder = await openFolder(paths.workspace);
  const instructions = await buildInstructions({
    name: config["main-agent"].name,
    frame: String(await folder.read("AGENT.md")),
    core: createCoreFiles(folder, now),
  });
  // get_current_time is called, and needs no more.
  const context = { now, timezone: config.timezone } as ToolContext;
  const toolSet = Object.fromEntries([...tools.values()].map((tool) => [tool.name, sdkTool(tool, context)]));

  /** What the memory gave for the message of a run. */
  function recollectionsOf(run: number): string {
    using database = new DatabaseSync(join(paths.data, "memtrix.db"), { readOnly: true });
    const state = database.prepare("SELECT state FROM run WHERE id = ?").get(run)?.state;
    return JSON.parse(String(state ?? "{}")).recollections ?? "";
  }

  /** What stood in view when the newest run began. */
  function messagesOfNewestRun(): ModelMessage[] {
    const session = store.sessions.current(mainAgent, conversation);
    const { value: newest } = store.log.newestFirst(session.id, 0).next();
    const run = newest?.run ?? 0;
    const { messages } = readView({
      ...{ log: store.log, sessions: store.sessions, summaries: store.summaries, session, run },
      context: contextBlock(now(), config.timezone, recollectionsOf(run)),
      budgetTokens: Number.POSITIVE_INFINITY,
    });
    return messages.slice(0, messages.findLastIndex(({ role }) => role === "user") + 1);
  }

  return {
    async sayAgain() {
      const messages = messagesOfNewestRun();
      const saidAt = performance.now();
      const { stream } = streamText({
        ...{ model, instructions, messages, tools: toolSet, stopWhen: isStepCount(10), maxRetries: 0 },
      });
      for await (const part of stream) if (part.type === "error") throw part.error;
      return { saidAt, answeredAt: performance.now() };
    },
  };
}

function sdkTool({ description, input, run }: Tool, context: ToolContext): ToolSet[string] {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: "input" });
  return {
    description,
    inputSchema: jsonSchema(schema as Parameters<typeof jsonSchema>[0]),
    execute: (given: unknown) => run(given, context),
  };
}
