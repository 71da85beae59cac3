import { once } from "node:events";
import { join } from "node:path";
import { openApp } from "../app.ts";
import { saveConfig } from "../config/config.ts";
import { configSchema, configVersion, localTimezone } from "../config/schema.ts";
import { saveSecrets } from "../config/secrets.ts";
import { borrowHomeserver, openDemoFolder } from "../demo/folder.ts";
import { type DemoAccounts, makeAccounts } from "../demo/make-accounts.ts";
import { createHeard, type Message } from "../demo/message.ts";
import { openPerson } from "../demo/person.ts";
import { play } from "../demo/play.ts";
import { createProgress, type Progress } from "../demo/progress.ts";
import { createScreen, type Screen } from "../demo/screen.ts";
import { script } from "../demo/script.ts";
import { createShow } from "../demo/show.ts";
import { homePaths } from "../home.ts";
import { createLogger, fileWriter } from "../log.ts";
import { matrixKeys } from "../matrix-keys.ts";
import { connectMatrix } from "./connect-matrix.ts";
import { helpFlag, parseFlags } from "./parse-flags.ts";
import { endSignal } from "./terminal.ts";

const help = `See the whole of it work, with no model at hand: a private homeserver, two accounts, an encrypted room, and a
conversation that the second account plays. What answers is a few rules, not a model. All of it stands in a folder
of its own, which is removed at the end.

Usage: memtrix demo [--keep]

  --keep   goes on until Ctrl-C, and tells how to log in with Element`;

const options = { ...helpFlag, keep: { type: "boolean" } } as const;

/** `memtrix demo`, which is what `npm run demo` runs. */
export async function demo(argv: string[], { home }: { home: string }): Promise<number> {
  const { values: flags } = parseFlags("demo", argv, options);
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
  const stop = (reason: unknown): void => ending.abort(reason);
  void endSignal().then(stop);
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
      stop,
      isTerminal,
    });
  } catch (error) {
    const { aborted, reason } = ending.signal;
    if (typeof reason !== "number") throw aborted ? reason : error;
    code = reason;
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
  /** Aborts with an exit code when the process is asked to end, or with what went wrong. */
  signal: AbortSignal;
  stop(reason: unknown): void;
}

/** Sets Memtrix up in `home` as the wizard would, starts it, and has the conversation played. */
async function inFolder(home: string, stage: Stage): Promise<number> {
  const { screen, progress, keeps, isTerminal, signal } = stage;
  screen.plain("A demo of Memtrix. What answers is a few fixed rules, not a model; all else is real.\n");
  const { homeserver, agent, person: account } = await setUp(home, stage);

  await using opened = new AsyncDisposableStack();
  progress.begin("Starting Memtrix");
  const log = createLogger({ write: fileWriter(join(home, "person.log")) });
  const { data } = homePaths(home);
  const app = opened.use(
    await openApp({ home, holder: "memtrix demo", writeLog: fileWriter(join(data, "memtrix.log")) }),
  );
  const matrix = await connectMatrix(app, data);
  matrix?.failed.catch(stage.stop);
  const heard = createHeard();
  const show = createShow({ screen, person: account.userId, agent: agent.userId });
  const person = opened.use(
    await openPerson({
      ...{ homeserver, account, log, signal, directory: join(home, "person") },
      onInvited: show.invited,
      onMessage(message) {
        show.message(message);
        heard.add(message);
      },
    }),
  );
  progress.end();
  person.begin();
  const pauseMs = isTerminal ? 1_000 : 0;
  await play({ script, person, heard, screen, agent: agent.userId, pauseMs, isUnderWay: show.isUnderWay, signal });
  tellEnd(screen, heard.all());
  if (!keeps) {
    screen.plain(`
To write to it yourself, from Element:  npm run demo -- --keep
To set up your own, with a real model:  npm start
`);
    return 0;
  }
  tellLogin(screen, { ...account, homeserver, recoveryKey: person.recoveryKey });
  if (!signal.aborted) await once(signal, "abort");
  if (typeof signal.reason !== "number") throw signal.reason;
  return 0;
}

/** What the wizard does for a homeserver on this machine, with the answers of one who only looks. */
async function setUp(home: string, { progress, signal }: Stage): Promise<DemoAccounts> {
  const { data } = homePaths(home);
  const log = createLogger({ write: fileWriter(join(data, "memtrix.log")) });
  const name = "Memtrix";
  const accounts = await makeAccounts({
    ...{ directory: join(data, "homeserver"), agentName: name, personName: "Ada", log, signal },
    onProgress: progress.begin,
    async setUpKeys(homeserver, agent) {
      const keys = await matrixKeys(home, log)({ ...agent, homeserver, recoveryKey: undefined });
      if ("problem" in keys) throw new Error(keys.problem);
      await saveSecrets(home, { MATRIX_ACCESS_TOKEN: agent.accessToken, MATRIX_RECOVERY_KEY: keys.recoveryKey });
    },
  });
  const { homeserver, agent, person } = accounts;
  const account = { user_id: agent.userId, access_token: "$MATRIX_ACCESS_TOKEN", recovery_key: "$MATRIX_RECOVERY_KEY" };
  const config = configSchema.parse({
    version: configVersion,
    "main-agent": { name, provider: "rehearsal", model: "rehearsal", channel: "matrix" },
    providers: { rehearsal: { type: "rehearsal" } },
    models: { rehearsal: { provider: "rehearsal", model: "rehearsal" } },
    channels: { matrix: { type: "matrix", homeserver, ...account, owners: [person.userId], burst_ms: 200 } },
    // Nobody looks on for long enough to have an embedding model fetched.
    memory: { model: null },
  });
  await saveConfig(home, config);
  return accounts;
}

function tellEnd(screen: Screen, messages: readonly Message[]): void {
  const words = messages.filter(({ kind }) => kind !== "reaction");
  const open = words.filter(({ encrypted }) => !encrypted).length;
  const [accounts, rooms] = [new Set(words.map(({ sender }) => sender)), new Set(words.map(({ room }) => room))];
  screen.plain(`
That was a homeserver of its own, with ${accounts.size} accounts and ${rooms.size} rooms.
Of ${words.length} messages ${open === 0 ? "each was" : `all but ${open} were`} encrypted from end to end.`);
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
