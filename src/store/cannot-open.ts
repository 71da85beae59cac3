import { ConfigError } from "../errors.ts";

/** SQLite's word for a file that it may not open, or cannot. */
export const sqliteCannotOpen = 14;

export function cannotOpen(path: string, cause: unknown): ConfigError {
  return new ConfigError(
    `${path} cannot be opened: it and its folder must be this user's (sudo chown -R $(id -u) on the folder), and this program must be allowed to open a few files (ulimit -n).`,
    { cause },
  );
}
