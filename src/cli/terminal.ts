import { join } from "node:path";
import { type App, mainAgent } from "../app.ts";
import { type CliChannel, type CliMode, createCliChannel } from "../channel/cli/cli.ts";
import { commands } from "../command/commands.ts";
import { homePaths } from "../home.ts";

/** True when a person sits on both sides. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** The mode of a screen, whose history stands in the installation's data. */
export function screenMode(home: string, agent = mainAgent): CliMode {
  const file = agent === mainAgent ? "chat-history" : `chat-history-${agent}`;
  return { kind: "screen", historyFile: join(homePaths(home).data, file) };
}

/** This terminal as a channel to an agent, the main one when none is given. */
export function createTerminal(
  app: App,
  mode: CliMode,
  { conversation = "terminal", id = mainAgent, name = app.config["main-agent"].name } = {},
): CliChannel {
  const { inbox, outbox } = app.store;
  return createCliChannel({
    ...{ inbox, outbox, conversation, mode, log: app.log, timezone: app.config.timezone },
    ...{ agent: id, agentName: name },
    commands: commands.map(({ name, summary }) => ({ name, summary })),
    stop: (conversation) => void app.orchestrator.stop(id, conversation),
  });
}

/** Resolves with the usual exit code when the process is asked to end. */
export function endSignal(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  process.once("SIGINT", () => resolve(130));
  process.once("SIGTERM", () => resolve(143));
  process.once("SIGHUP", () => resolve(129));
  return promise;
}
