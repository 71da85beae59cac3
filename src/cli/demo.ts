import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { suggestedContextTokens } from "../../onboard/answers.ts";
import { prepareMatrix } from "../../onboard/matrix/prepare.ts";
import { writeSetup } from "../../onboard/write.ts";
import { openApp } from "../app.ts";
import { loadConfig, saveConfig } from "../config/config.ts";
import { localTimezone } from "../config/schema.ts";
import { loadSecrets, saveSecrets } from "../config/secrets.ts";
import { borrowHomeserver, openDemoFolder } from "../demo/folder.ts";
import { createHeard, type Message } from "../demo/message.ts";
import { openPerson } from "../demo/person.ts";
import { play } from "../demo/play.ts";
import { createProgress, type Progress } from "../demo/progress.ts";
import { createScreen, type Screen } from "../demo/screen.ts";
import { script } from "../demo/script.ts";
import { createShow } from "../demo/show.ts";
import { ConfigError, messageOf } from "../errors.ts";
import { homePaths } from "../home.ts";
import { createLogger, fileWriter } from "../log.ts";
import { matrixKeys } from "../matrix-keys.ts";
import { connectMatrix } from "./connect-matrix.ts";
import { endSignal } from "./terminal.ts";

const help = `See the whole of it work, with no model at hand: a private homeserver, two accounts, an encrypted room, and a
conversation that the second account plays. What answers is a few rules, not a model. All of it stands in a folder
of its own, which is removed at the end.

Usage: memtrix demo [--keep]

  --keep   goes on until Ctrl-C, and tells how to log in with Element`;

/** `memtrix demo`, which is what `npm run demo` runs. */
export async function demo(argv: string[], { home }: { home: string }): Promise<number> {
  const flags = parsed(argv);
  if (flags.help) {
    console.log(help);
    return 0;
  }
  const isTerminal = process.stdout.isTTY === true;
  const write = (text: string): void => void process.stdout.write(text);
  const screen = createScreen({
    ...{ write, isTerminal, timezone: localTimezone() },
    columns: process.stdout.columns ?? 80,
  });
  const ending = new AbortController();
  const asked = endSignal();
  void asked.then((code) => ending.abort(code));
  const progress = createProgress(write, isTerminal);
  let code: number;
  try {
    await using folder = await openDemoFolder();
    await borrowHomeserver(home, folder.path);
    code = await inFolder(folder.path, {
      screen,
      progress,
      keeps: flags.keep === true,
      signal: ending.signal,
      isTerminal,
    });
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    code = await asked;
  } finally {
    progress[Symbol.dispose]();
  }
  screen.plain("It has ended, and its folder is removed.");
  return code;
}

interface Stage {
  screen: Screen;
  progress: Progress;
  keeps: boolean;
  isTerminal: boolean;
  signal: AbortSignal;
}

/** Sets Memtrix up in `home` as the wizard would, starts it, and has the conversation played. */
async function inFolder(home: string, stage: Stage): Promise<number> {
  const { screen, progress, keeps, isTerminal, signal } = stage;
  screen.plain("A demo of Memtrix. What answers is a few fixed rules, not a model; all else is real.\n");
  const { homeserver, agent, owner } = await setUp(home, progress, signal);

  await using opened = new AsyncDisposableStack();
  progress.begin("Starting Memtrix");
  const log = createLogger({ write: fileWriter(join(home, "person.log")) });
  const { data } = homePaths(home);
  const app = opened.use(
    await openApp({ home, holder: "memtrix demo", writeLog: fileWriter(join(data, "memtrix.log")) }),
  );
  const matrix = await connectMatrix(app, data);
  const heard = createHeard();
  const show = createShow({ screen, person: owner.userId, agent });
  const person = opened.use(
    await openPerson({
      ...{ homeserver, ...owner, log, signal, directory: join(home, "person") },
      onInvited: show.invited,
      onMessage(message) {
        heard.add(message);
        show.message(message);
      },
    }),
  );
  progress.end();
  screen.plain();
  person.begin();
  const pauseMs = isTerminal ? 1_000 : 0;
  await Promise.race([
    play({ script, person, heard, screen, agent, pauseMs, signal }),
    ...(matrix ? [matrix.failed] : []),
  ]);
  tellEnd(screen, heard.all());
  if (!keeps) {
    screen.plain(`To write to it yourself: npm run demo -- --keep\n`);
    return 0;
  }
  tellLogin(screen, { homeserver, ...owner, recoveryKey: person.recoveryKey });
  await once(signal, "abort");
  return 0;
}

interface SetUp {
  homeserver: string;
  /** Full id of the agent. */
  agent: string;
  owner: { userId: string; password: string };
}

/** What the wizard does for a homeserver on this machine, with the answers of one who only looks. */
async function setUp(home: string, progress: Progress, signal: AbortSignal): Promise<SetUp> {
  const name = "Memtrix";
  const log = createLogger({ write: fileWriter(join(homePaths(home).data, "memtrix.log")) });
  const prepared = await prepareMatrix(
    { kind: "here", owner: "ada" },
    {
      ...{ home, agentName: name, log, signal, secrets: loadSecrets(home), onProgress: progress.begin },
      saveSecrets: (secrets) => saveSecrets(home, secrets),
      setUpKeys: matrixKeys(home, log),
    },
  );
  await writeSetup(
    home,
    {
      ...{ name, channel: "matrix", timezone: localTimezone() },
      provider: { section: "rehearsal", type: "rehearsal", settings: {}, secrets: {} },
      model: { id: "rehearsal", contextTokens: suggestedContextTokens },
    },
    undefined,
    prepared,
  );
  const config = await loadConfig(home);
  // Nobody looks on for long enough to have an embedding model fetched.
  await saveConfig(home, { ...config, memory: { ...config.memory, model: null } });

  const { homeserver = "", user_id: agent = "" } = prepared.section;
  if (!prepared.owner) throw new Error("The second account was not made.");
  return { homeserver, agent, owner: prepared.owner };
}

function tellEnd(screen: Screen, messages: readonly Message[]): void {
  const words = messages.filter(({ kind }) => kind !== "reaction");
  const encrypted = words.filter((message) => message.encrypted);
  const rooms = new Set(messages.map(({ room }) => room));
  screen.plain(
    `\nThat was a homeserver of its own, ${new Set(messages.map(({ sender }) => sender)).size} accounts, ${rooms.size} rooms, and ${words.length} messages, ${
      encrypted.length === words.length ? "each of them encrypted end to end" : `${encrypted.length} of them encrypted`
    }.\nTo set up your own: npm start`,
  );
}

/** The one account whose secrets are shown: it ends with this demo. */
function tellLogin(
  screen: Screen,
  {
    homeserver,
    userId,
    password,
    recoveryKey,
  }: { homeserver: string; userId: string; password: string; recoveryKey: string },
): void {
  screen.plain(`
Now it is your turn. Log in with Element on this machine:

  homeserver    ${homeserver}
  user          ${userId}
  password      ${password}
  recovery key  ${recoveryKey}
                (Element asks for it, to confirm your new device)

It goes on until you press Ctrl-C, and then removes all of it.`);
}

function parsed(argv: string[]) {
  try {
    const options = { keep: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
    return parseArgs({ args: argv, options }).values;
  } catch (error) {
    throw new ConfigError(`${messageOf(error)} memtrix demo --help tells what there is.`, { cause: error });
  }
}
