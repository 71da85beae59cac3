import { constants, type Stats } from "node:fs";
import { access, lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { homePaths } from "../home.ts";
import { type Check, type Finding, fault, ok, unseen, warning } from "./check.ts";

/** The folders are there, are ours, can be written, and what is private in them is closed to others. */
export const foldersCheck: Check = {
  name: "folders",
  async run({ paths, home, ...ground }) {
    const config = await ground.config.catch(() => undefined);
    if (!config) return [unseen("the config must be mended first: it says which they are")];
    const { workspace } = homePaths(home, config["workspace-directory"]);
    const folders = [paths.data, workspace, paths.agents];
    const findings = (await Promise.all(folders.map(look))).flat();
    return findings.length > 0 ? findings : [ok(`${folders.join(", ")}: yours, and writable`)];
  },
};

async function look(folder: string): Promise<Finding[]> {
  const found = await stat(folder).catch(() => undefined);
  if (!found) return [warning(`${folder} is not there`, "Memtrix makes it at the next start: npm start")];
  if (!found.isDirectory()) return [fault(`${folder} is no folder`, "move it away, then start again")];

  const entries = await entriesOf(folder, found);
  const foreign = entries.filter(({ stats }) => process.getuid && stats.uid !== process.getuid());
  if (foreign.length > 0) {
    const which = foreign.length === 1 ? foreign[0]?.path : `${foreign.length} entries, such as ${foreign[0]?.path}`;
    return [fault(`another user owns ${which}`, `sudo chown -R ${process.getuid?.()}:${process.getgid?.()} ${folder}`)];
  }
  const isUsable = await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isUsable) return [fault(`${folder} cannot be written`, `chmod u+rwx ${folder}`)];
  return entries
    .filter(({ path, stats, isClosed }) => !isClosed && isPrivate(path) && stats.mode & 0o077)
    .map(({ path }) => fault(`other users of this machine can read ${path}`, `chmod go= ${path}`));
}

function isPrivate(path: string): boolean {
  return /\.db(-wal|-shm)?$|[\\/]private\.json$|[\\/]signing\.key$|[\\/]data[\\/]config\.json$/.test(path);
}

interface Entry {
  path: string;
  stats: Stats;
  /** Others cannot come here: a folder above is closed to them. */
  isClosed: boolean;
}

const mostEntries = 50_000;
/** Installed programs and fetched models: many files, and none of the owner's own. */
const notOurs = new Set(["venv", "models", "node_modules", ".git"]);

/** The folder and all that is in it but links. */
async function entriesOf(folder: string, stats: Stats): Promise<Entry[]> {
  const entries: Entry[] = [{ path: folder, stats, isClosed: false }];
  // What is found is looked into in its turn.
  for (const { path, stats, isClosed } of entries) {
    if (!stats.isDirectory() || entries.length > mostEntries) continue;
    for (const name of await readdir(path).catch(() => [])) {
      if (notOurs.has(name)) continue;
      const found = await lstat(join(path, name)).catch(() => undefined); // Gone meanwhile.
      if (!found || found.isSymbolicLink()) continue;
      entries.push({ path: join(path, name), stats: found, isClosed: isClosed || (stats.mode & 0o077) === 0 });
    }
  }
  return entries;
}
