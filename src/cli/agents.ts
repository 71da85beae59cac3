import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { type App, openApp } from "../app.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { ConfigError, messageOf } from "../errors.ts";
import { homePaths } from "../home.ts";
import { fileWriter } from "../log.ts";
import { RunsAlreadyError } from "../store/owner-lock.ts";
import { fromEnvironment } from "./from-environment.ts";
import { helpFlag, parseFlags } from "./parse-flags.ts";
import { isTerminal } from "./terminal.ts";

const help = `The agents beside the main one. While Memtrix runs, ask the main one in chat to make or remove another.

Usage: memtrix agents list
       memtrix agents show NAME
       memtrix agents create NAME --description TEXT [OPTIONS]
       memtrix agents delete NAME [--yes]

  create   makes it, with files and a memory of its own, and an account where the main agent lives in Matrix
      --description TEXT            what it is for, in one line
      --instructions TEXT           who it is and how it works: its SOUL.md
      --model NAME                  one of the config's; the main agent's if left out
      --access-token-env VARIABLE   the token of an account that is there already
      --recovery-key-env VARIABLE   and what opens its keys, if it has any
  delete   removes it for good, with its account, conversations, files and memory; --yes asks nothing`;

const options = {
  description: { type: "string" },
  instructions: { type: "string" },
  model: { type: "string" },
  "access-token-env": { type: "string" },
  "recovery-key-env": { type: "string" },
  yes: { type: "boolean" },
  ...helpFlag,
} as const;

type Flags = ReturnType<typeof parseFlags<typeof options>>["values"];

/** `memtrix agents`. */
export async function agents(argv: string[], { home }: { home: string }): Promise<number> {
  const { values, positionals } = parseFlags("agents", argv, options, { words: true });
  const [action, name = ""] = positionals;
  const isComplete = action === "list" || (["show", "create", "delete"].includes(action ?? "") && name !== "");
  if (values.help || !isComplete || positionals.length > 2) {
    console[values.help ? "log" : "error"](help);
    return values.help ? 0 : 2;
  }
  const config = await loadConfig(home);
  if (action === "list") return list(config);
  if (action === "show") return show(found(name, config), config, home);
  return action === "create" ? create(name, values, home) : remove(found(name, config), config, values, home);
}

function list({ "main-agent": main, agents }: Config): number {
  console.log(`${main.name} (main): the agent that its owner talks to, model ${main.model}`);
  for (const [id, { name, description, model, user_id: account }] of Object.entries(agents))
    console.log(`${name} (${[id, account].filter(Boolean).join(", ")}): ${description}, model ${model}`);
  return 0;
}

async function show(id: string, { agents }: Config, home: string): Promise<number> {
  const soul = await readFile(join(homePaths(home).agents, id, "SOUL.md"), "utf8").catch(() => "");
  console.log(`${JSON.stringify({ [id]: agents[id] }, null, 2)}\n\n${soul}`.trimEnd());
  return 0;
}

async function create(name: string, flags: Flags, home: string): Promise<number> {
  const { description = "", instructions, model } = flags;
  const accessToken = fromEnvironment(flags["access-token-env"]);
  const recoveryKey = fromEnvironment(flags["recovery-key-env"]);
  const wish = { name, description, model, instructions };
  const spoken = accessToken ? undefined : `Create an agent named ${name}: ${description || "what it is for"}`;
  return withApp(home, spoken, async ({ config, making }) => {
    const changes = making.changes({ tainted: false });
    const made = accessToken
      ? await making.createWith(wish, { accessToken, recoveryKey })
      : await changes.create(changes.plan(wish));
    const how = made.account
      ? `, with the account ${made.account}. It says hello to you there when ${config["main-agent"].name} is started: npm start`
      : `. Talk to it with: memtrix chat --agent ${made.id}`;
    console.log(`${made.name} is made${how}`);
  });
}

async function remove(id: string, { agents }: Config, flags: Flags, home: string): Promise<number> {
  const name = agents[id]?.name;
  const question = `Remove ${name} for good, with its account, conversations, files and memory?`;
  if (!flags.yes && !(await saidYes(question))) {
    console.error("Nothing was removed.");
    return 1;
  }
  return withApp(home, `Delete the agent ${name}`, async ({ making }) => {
    await making.changes({ tainted: false }).delete(id);
    console.log(`${name} is gone, and so is all that it kept.`);
  });
}

async function saidYes(question: string): Promise<boolean> {
  if (!isTerminal()) throw new ConfigError(`${question} There is no terminal to ask on: add --yes.`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question(`${question} (yes or no) `).finally(() => lines.close());
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * With the homeserver that is this installation's own, where the agents live on one. What cannot be done is a sentence.
 * `spoken`: how to have the same done by a Memtrix that runs already; left out, that one cannot do it.
 */
async function withApp(home: string, spoken: string | undefined, work: (app: App) => Promise<void>): Promise<number> {
  const { data } = homePaths(home);
  await using resources = new AsyncDisposableStack();
  const writeLog = fileWriter(join(data, "memtrix.log"));
  const app = await openApp({ home, holder: "memtrix agents", writeLog }).catch((error) => {
    if (!(error instanceof RunsAlreadyError)) throw error;
    const inChat = spoken && ` Say it to the main agent in your chat with it: "${spoken}". Or end`;
    throw new ConfigError(
      `Memtrix is running (${error.holder}), so nothing was changed.${inChat ?? " End"} it there, and run this again.`,
      { cause: error },
    );
  });
  resources.use(app);
  const { config, secrets, log } = app;
  const section = config.channels[config["main-agent"].channel];
  if (section?.type === "matrix") {
    const { startHomeserver } = await import("../open-matrix.ts");
    const { homeserver } = secrets.resolve({ homeserver: section.homeserver });
    const onProgress = (sentence: string): void => console.error(sentence);
    await startHomeserver({ section: { homeserver }, data, log, onProgress }, resources, AbortSignal.timeout(120_000));
  }
  try {
    await work(app);
    return 0;
  } catch (error) {
    log.error("The agents could not be changed", { error });
    console.error(messageOf(error));
    return 1;
  }
}

/** The id of the agent that is meant, by id or name. */
function found(wanted: string, { agents }: Config): string {
  const small = wanted.toLowerCase();
  const id = Object.keys(agents).find((one) => one === small || agents[one]?.name.toLowerCase() === small);
  if (id !== undefined) return id;
  const names = Object.keys(agents).join(", ") || "there is none beside the main one";
  throw new ConfigError(`There is no agent ${JSON.stringify(wanted)} that can be shown or removed: ${names}.`);
}
