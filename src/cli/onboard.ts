import { join, relative } from "node:path";
import { text as readAll } from "node:stream/consumers";
import type { Answers } from "../../onboard/answers.ts";
import { answersFromFlags } from "../../onboard/flag-answers.ts";
import { FlagError, readFlags } from "../../onboard/flags.ts";
import { onboardHelp } from "../../onboard/help.ts";
import type { MatrixAnswer } from "../../onboard/matrix/answer.ts";
import { forgetOwnerPassword, type PreparedMatrix, prepareMatrix } from "../../onboard/matrix/prepare.ts";
import { openSetup, type Setup } from "../../onboard/setup.ts";
import { writeSetup } from "../../onboard/write.ts";
import { loadSecrets, saveSecrets } from "../config/secrets.ts";
import { homePaths } from "../home.ts";
import { importTsx } from "../import-tsx.ts";
import { createLogger, fileWriter } from "../log.ts";
import { matrixKeys } from "../matrix-keys.ts";
import { takeOwnerLock } from "../store/owner-lock.ts";
import { relogin } from "./relogin.ts";

/** The exit code of a program that Ctrl-C ended. */
const interrupted = 130;

/** `memtrix onboard`: asks on a terminal, else takes flags. Gives the exit code; throws a ConfigError. */
export async function onboard(argv: string[], context: OnboardContext): Promise<number> {
  if (argv.includes("--relogin")) return relogin(argv, context.home);
  const setup = await openSetup(context.home);
  for (const warning of setup.warnings) console.error(warning);
  const asks = argv.length === 0 && process.stdin.isTTY && process.stdout.isTTY;
  return asks ? fromWizard(setup, context) : fromFlags(argv, setup, context);
}

export interface OnboardContext {
  home: string;
  /** The program goes on by itself afterwards, so nobody needs to be told how to start it. */
  goesOn?: boolean;
}

async function fromWizard(setup: Setup, context: OnboardContext): Promise<number> {
  const wizard = new URL("../../onboard/wizard.tsx", import.meta.url);
  const { askAnswers } = (await importTsx(wizard)) as typeof import("../../onboard/wizard.tsx");
  const answers = await askAnswers(setup);
  if (!answers) {
    console.log("You left; nothing was written.");
    return interrupted;
  }
  return write(answers, setup, context);
}

async function write(answers: Answers, { home, existing }: Setup, { goesOn }: OnboardContext): Promise<number> {
  const matrix = answers.matrix && (await prepare(answers, answers.matrix, home));
  const { config, secrets, workspace } = await writeSetup(home, answers, existing, matrix);
  for (const file of [config, ...(secrets ? [secrets] : []), ...workspace]) console.log(`Wrote ${shortPath(file)}`);
  if (matrix?.owner) await tellLogin(matrix.owner, matrix.section.homeserver ?? "", answers.name, home);
  if (matrix?.notice) console.error(matrix.notice);
  if (!goesOn) console.log(`To talk to ${answers.name} type: npm start`);
  return 0;
}

async function prepare(answers: Answers, matrix: MatrixAnswer, home: string): Promise<PreparedMatrix> {
  const { data } = homePaths(home);
  // The homeserver and the keys are those of the program when it runs.
  using _lock = takeOwnerLock(data, "memtrix onboard", new Date());
  const log = createLogger({ write: fileWriter(join(data, "memtrix.log")) });
  return await prepareMatrix(matrix, {
    ...{ home, agentName: answers.name, log, secrets: loadSecrets(home), onProgress: progressPrinter() },
    saveSecrets: (secrets) => saveSecrets(home, secrets),
    setUpKeys: matrixKeys(home, log),
  });
}

/** The password is kept nowhere: this is the one time that it can be read. */
async function tellLogin(
  owner: { userId: string; password: string },
  homeserver: string,
  agent: string,
  home: string,
): Promise<void> {
  console.log(`
Your own account is ${owner.userId}, and its password, which is shown only now:

    ${owner.password}

Start with npm start, then log in with it in Element on this machine: homeserver ${homeserver}.
${agent} will invite you there.
`);
  await forgetOwnerPassword({ saveSecrets: (secrets) => saveSecrets(home, secrets) });
}

async function fromFlags(argv: string[], setup: Setup, context: OnboardContext): Promise<number> {
  try {
    const flags = await readFlags(argv, setup.modules);
    if (flags.help) {
      console.log(onboardHelp(setup.modules).trimEnd());
      return 0;
    }
    const result = await answersFromFlags(flags, setup, {
      env: process.env,
      readStdin: () => readAll(process.stdin),
      onProgress: progressPrinter(),
    });
    if ("missing" in result) return refuseMissing(result.missing);
    if ("problem" in result) {
      console.error(result.problem);
      return 1;
    }
    for (const notice of result.notices) console.error(notice);
    return await write(result.answers, setup, context);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    console.error(error.message);
    return 2;
  }
}

function refuseMissing(missing: readonly string[]): number {
  console.error(
    `Without a terminal the answers come as flags. Missing:\n${missing.map((line) => `  ${line}\n`).join("")}`.trimEnd(),
  );
  console.error("See: memtrix onboard --help");
  return 2;
}

/** As it would be typed from here. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

/** Prints what a long piece of work is at, each time it is at something else. */
function progressPrinter(): (text: string) => void {
  let shown = "";
  return (text) => {
    if (text !== shown) console.error(text);
    shown = text;
  };
}
