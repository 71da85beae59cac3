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
export function screenMode(home: string): CliMode {
  return { kind: "screen", historyFile: join(homePaths(home).data, "chat-history") };
}

/** This terminal as a channel to the main agent. */
export function createTerminal(app: App, mode: CliMode, conversation = "terminal"): CliChannel {
  const { inbox, outbox } = app.store;
  return createCliChannel({
    ...{ inbox, outbox, conversation, mode, log: app.log, timezone: app.config.timezone },
    ...{ agent: mainAgent, agentName: app.config["main-agent"].name },
    commands: commands.map(({ name, summary }) => ({ name, summary })),
    stop: (conversation) => void app.orchestrator.stop(mainAgent, conversation),
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
