import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { text as readAll } from "node:stream/consumers";
import type { Answers } from "../../onboard/answers.ts";
import { carryOut, type Outcome } from "../../onboard/carry-out.ts";
import { doneText } from "../../onboard/done.ts";
import { answersFromFlags } from "../../onboard/flag-answers.ts";
import { FlagError, readFlags } from "../../onboard/flags.ts";
import { onboardHelp } from "../../onboard/help.ts";
import { forgetOwnerPassword } from "../../onboard/matrix/prepare.ts";
import { openSetup, type Setup } from "../../onboard/setup.ts";
import { loadSecrets } from "../config/secrets.ts";
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
  const { runWizard } = (await importTsx(wizard)) as typeof import("../../onboard/wizard.tsx");
  let outcome: Outcome | undefined;
  const end = await runWizard(setup, async (answers, onProgress, signal) => {
    outcome = await doIt(answers, setup, onProgress, signal);
  });
  if (end === "done" && outcome) {
    tell(outcome, setup, context);
    // The password is kept until it was read, and nowhere after that.
    const { owner, recoveryKey } = outcome.matrix ?? {};
    if ((owner || recoveryKey) && !(await isNoted())) return interrupted;
    await forgetOwnerPassword(loadSecrets(context.home));
    return 0;
  }
  console.log(
    end === "left"
      ? "You left; nothing was written."
      : "You left in the middle. Run this again with the same answers: it goes on with what was begun.",
  );
  return interrupted;
}

async function doIt(
  answers: Answers,
  setup: Setup,
  onProgress: (sentence: string) => void,
  signal?: AbortSignal,
): Promise<Outcome> {
  const { data } = homePaths(setup.home);
  // The homeserver and the keys are those of the program when it runs.
  using _lock = answers.matrix ? takeOwnerLock(data, "memtrix onboard", new Date()) : undefined;
  const log = createLogger({ write: fileWriter(join(data, "memtrix.log")) });
  const setUpKeys = matrixKeys(setup.home, log);
  return await carryOut(answers, { setup, log, setUpKeys, onProgress, ...(signal ? { signal } : {}) });
}

function tell(outcome: Outcome, { surroundings }: Setup, { goesOn = false }: OnboardContext): void {
  const useColor = process.stdout.isTTY && !process.env.NO_COLOR;
  console.log(doneText(outcome, { surroundings, goesOn, useColor }));
}

/** Whether the owner says so, and did not leave with Ctrl-C. */
async function isNoted(): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const leaving = new AbortController();
  reader.once("SIGINT", () => leaving.abort());
  const answer = reader.question("\nPress Enter when you have noted it. ", { signal: leaving.signal });
  return answer
    .then(
      () => true,
      () => false,
    )
    .finally(() => reader.close());
}

async function fromFlags(argv: string[], setup: Setup, context: OnboardContext): Promise<number> {
  try {
    const readStdin = () => readAll(process.stdin);
    const flags = await readFlags(argv, setup.modules, readStdin);
    if (flags.help) {
      console.log(onboardHelp(setup.modules).trimEnd());
      return 0;
    }
    const result = await answersFromFlags(flags, setup, {
      env: process.env,
      readStdin,
      onProgress: progressPrinter(),
    });
    if ("missing" in result) return refuseMissing(result.missing);
    if ("problem" in result) {
      console.error(result.problem);
      return 1;
    }
    for (const notice of result.notices) console.error(notice);
    tell(await doIt(result.answers, setup, progressPrinter()), setup, context);
    await forgetOwnerPassword(loadSecrets(context.home));
    return 0;
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

/** Prints what a long piece of work is at, each time it is at something else. */
function progressPrinter(): (text: string) => void {
  let shown = "";
  return (text) => {
    if (text !== shown) console.error(text);
    shown = text;
  };
}
