import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import { homePaths } from "../home.ts";

/** What a restore lays down before it is in its place: in each of the folders, which may be file systems of their own. */
export const stagingName = ".restore";

/** @throws ConfigError where a restore was broken off: what is there is not whole. */
export function refuseUnfinished(home: string): void {
  if (!existsSync(join(homePaths(home).data, stagingName))) return;
  throw new ConfigError(
    `A restore was broken off in ${home}: run memtrix restore FILE again, which begins anew, before anything else.`,
  );
}
