import { relative } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { answersFromFlags } from "../../onboard/flag-answers.ts";
import { FlagError, readFlags } from "../../onboard/flags.ts";
import { onboardHelp } from "../../onboard/help.ts";
import { openSetup, type Setup } from "../../onboard/setup.ts";
import { type Written, writeSetup } from "../../onboard/write.ts";

/** `memtrix onboard`: asks on a terminal, else takes flags. Gives the exit code; throws a ConfigError. */
export async function onboard(argv: string[], { home }: { home: string }): Promise<number> {
  const setup = await openSetup(home);
  for (const warning of setup.warnings) console.error(warning);
  return fromFlags(argv, setup);
}

async function fromFlags(argv: string[], setup: Setup): Promise<number> {
  try {
    const flags = await readFlags(argv, setup.modules);
    if (flags.help) {
      console.log(onboardHelp(setup.modules).trimEnd());
      return 0;
    }
    const result = await answersFromFlags(flags, setup, {
      env: process.env,
      readStdin: () => readAll(process.stdin),
      onProgress: showProgress,
    });
    if ("missing" in result) return refuseMissing(result.missing);
    if ("problem" in result) {
      console.error(result.problem);
      return 1;
    }
    for (const notice of result.notices) console.error(notice);
    const written = await writeSetup(setup.home, result.answers, setup.existing);
    console.log(writtenText(written, result.answers.name));
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

function writtenText({ config, secrets, workspace }: Written, name: string): string {
  const files = [config, ...(secrets ? [secrets] : []), ...workspace].map(shortPath);
  return `Written: ${files.join(", ")}\nTo talk to ${name} type: npm start`;
}

/** As it would be typed from here. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

let shown = "";
function showProgress(text: string): void {
  if (text !== shown) console.error(text);
  shown = text;
}
