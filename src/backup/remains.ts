import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { homePaths } from "../home.ts";
import { archiveRoots } from "./archive-path.ts";
import { stagingName } from "./unfinished.ts";

/** In the staging folder of data: the list of what is being put in its place. */
export const placedList = "placed.json";

/** What a restore that was broken off had begun to put in its place, where nothing had been. */
export async function placedBefore(home: string): Promise<string[]> {
  const list = join(homePaths(home).data, stagingName, placedList);
  const text = await readFile(list, "utf8").catch(() => "[]");
  return z.array(z.string()).parse(JSON.parse(text));
}

/** Takes away what a restore has left that did not come to its end; the list of it last. */
export async function removeRemains(home: string): Promise<void> {
  const paths = homePaths(home);
  const gone = { recursive: true, force: true };
  for (const path of await placedBefore(home)) await rm(path, gone);
  for (const root of archiveRoots.toReversed()) await rm(join(paths[root], stagingName), gone);
}
