import { ConfigError } from "../errors.ts";
import { askHidden } from "./ask-hidden.ts";
import { fromEnvironment } from "./from-environment.ts";

const shortest = 8;

/** The passphrase of a backup that exists. */
export async function askPassphrase(variable: string | undefined): Promise<string> {
  const given = fromEnvironment(variable);
  if (given !== undefined) return given;
  refuseWithoutTerminal();
  return askHidden("Passphrase of the backup: ");
}

/** One for a new backup, typed twice. */
export async function choosePassphrase(variable: string | undefined): Promise<string> {
  const given = fromEnvironment(variable);
  if (given !== undefined) return long(given);
  refuseWithoutTerminal();
  const chosen = long(await askHidden("A passphrase for the backup (it is shown nowhere): "));
  if ((await askHidden("The same once more: ")) === chosen) return chosen;
  throw new ConfigError("These were two different ones; nothing was saved.");
}

function long(passphrase: string): string {
  if (passphrase.length >= shortest) return passphrase;
  throw new ConfigError(
    `A passphrase of at least ${shortest} characters, please: all that your agent knows, and its secrets, hang on it.`,
  );
}

function refuseWithoutTerminal(): void {
  if (process.stdin.isTTY) return;
  throw new ConfigError(
    "There is no terminal to ask for the passphrase on: put it into a variable of the environment, and name that with --passphrase-env.",
  );
}
