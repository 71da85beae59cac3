import { join } from "node:path";
import { type App, mainAgent, openApp } from "../app.ts";
import type { CliMode } from "../channel/cli/cli.ts";
import { homePaths } from "../home.ts";
import { fileWriter } from "../log.ts";
import { logSettings } from "./log-settings.ts";
import { helpFlag, parseFlags } from "./parse-flags.ts";
import { createTerminal, endSignal, isTerminal, screenMode } from "./terminal.ts";

const help = `Talk to your agent in this terminal.

Usage: memtrix chat [OPTIONS]

  -m, --message TEXT     say one thing: the answer alone goes to stdout; - reads
                         the text from the input. Exit code 1 when it failed.
      --yes              with -m or piped input: say yes to what it asks
      --verbose          with -m or piped input: tell how far long calls are
      --json             everything that happens, as one JSON object a line
      --conversation ID  which conversation (terminal)
      --agent NAME       which agent (the main one)

Without -m and with piped input each line is a message.`;

const options = {
  ...helpFlag,
  message: { type: "string", short: "m" },
  yes: { type: "boolean" },
  verbose: { type: "boolean" },
  json: { type: "boolean" },
  conversation: { type: "string" },
  agent: { type: "string" },
} as const;

/** `memtrix chat`. */
export async function chat(argv: string[], { home }: { home: string }): Promise<number> {
  const { values: flags } = parseFlags("chat", argv, options);
  if (flags.help) {
    console.log(help);
    return 0;
  }

  const { data } = homePaths(home);
  await using app = await openApp({
    ...{ home, holder: "memtrix chat", writeLog: fileWriter(join(data, "memtrix.log")) },
    ...logSettings(process.env),
  });
  const talkedTo = agentNamed(flags.agent ?? mainAgent, app.agents);
  if (!talkedTo) {
    const names = [...app.agents.values()].map(({ agent }) => agent.name);
    console.error(
      `There is no agent named ${flags.agent}. There ${names.length > 1 ? "are" : "is"}: ${names.join(", ")}.`,
    );
    return 2;
  }
  const { conversation = "terminal", json = false, yes = false, verbose = false, message } = flags;
  const mode: CliMode =
    message !== undefined
      ? { kind: "once", text: message, json, yes, verbose }
      : isTerminal() && !json
        ? screenMode(home, talkedTo.id)
        : { kind: "lines", json, yes, verbose };
  const channel = createTerminal(app, mode, { conversation, ...talkedTo });
  await app.connect(channel);
  // Awaited here: the app is closed when this scope is left.
  return await Promise.race([channel.left, endSignal()]);
}

/** By id or name, in any letter case. */
function agentNamed(wanted: string, agents: App["agents"]): { id: string; name: string } | undefined {
  const found = [...agents].find(([id, { agent }]) => [id, agent.name.toLowerCase()].includes(wanted.toLowerCase()));
  return found && { id: found[0], name: found[1].agent.name };
}
