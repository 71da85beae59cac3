import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ConfigError } from "../errors.ts";
import { homePaths } from "../home.ts";
import { takeOwnerLock } from "../store/owner-lock.ts";
import type { ArchiveEntry } from "./archive.ts";
import { archiveRoots, secretsEntry } from "./archive-path.ts";
import type { BackupFile } from "./backup-file.ts";
import { placedBefore, placedList, removeRemains } from "./remains.ts";
import { syncFolder } from "./sync-folder.ts";
import { stagingName } from "./unfinished.ts";
import { isPassedOver } from "./what-to-save.ts";

export interface RestoreOptions {
  home: string;
  backup: BackupFile;
  passphrase: string;
  /** Sets right what must be another in a restored installation, in the folder that will be its `data`. */
  prepare(data: string): Promise<void>;
  /** Bytes of the file that are read. */
  onProgress?(bytes: number): void;
  signal?: AbortSignal;
}

export interface RestoreReport {
  files: number;
  bytes: number;
}

/**
 * Puts the installation that a backup holds into `home`, where none is. All of it is laid down beside its place and
 * checked to its end; then it is renamed. Until the last of that the program refuses to start there (unfinished.ts).
 * @throws ConfigError; then nothing is there that was not there before.
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { home, backup, passphrase } = options;
  await refuseFull(home);
  const entries = backup.entries(passphrase);
  // A wrong passphrase shows here, when nothing has been made yet.
  const first = await entries.next();
  const made = await makeFolders(home);
  const lock = takeOwnerLock(homePaths(home).data, "memtrix restore", new Date());
  let isDone = false;
  try {
    await removeRemains(home);
    const report = await stage(first, entries, options);
    await options.prepare(join(homePaths(home).data, stagingName, "data"));
    await place(home);
    isDone = true;
    return report;
  } finally {
    if (!isDone) await removeRemains(home);
    lock[Symbol.dispose]();
    if (!isDone) await removeMade(made);
    await entries.return(undefined);
  }
}

async function stage(
  first: IteratorResult<ArchiveEntry>,
  entries: AsyncIterator<ArchiveEntry>,
  { home, backup, onProgress = () => {}, signal }: RestoreOptions,
): Promise<RestoreReport> {
  const report = { files: 0, bytes: 0 };
  for (const root of archiveRoots) await mkdir(join(homePaths(home)[root], stagingName, root), { recursive: true });
  for (let next = first; !next.done; next = await entries.next()) {
    const { value: entry } = next;
    report.bytes += await layDown(entry, stagedPlace(home, entry.path), () => {
      signal?.throwIfAborted();
      onProgress(backup.done());
    });
    if (entry.kind === "file") report.files += 1;
  }
  const config = stagedPlace(home, "data/config.json");
  if (!(await isThere(config))) throw new ConfigError("This backup holds no config: it cannot be restored.");
  await settleWorkspace(config);
  return report;
}

/** Where it is laid until all is there; the secrets with the data. */
function stagedPlace(home: string, path: string): string {
  const root = archiveRoots.find((each) => path.startsWith(`${each}/`)) ?? "data";
  return join(homePaths(home)[root], stagingName, ...path.split("/"));
}

async function layDown(entry: ArchiveEntry, place: string, onBlock: () => void): Promise<number> {
  if (entry.kind === "folder") {
    await mkdir(place, { recursive: true, mode: 0o700 });
    return 0;
  }
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  let bytes = 0;
  await using handle = await open(place, "w", entry.mode | 0o600);
  for await (const block of entry.content) {
    await handle.appendFile(block);
    onBlock();
    bytes += block.length;
  }
  await handle.utimes(new Date(), new Date(entry.modifiedMs));
  await handle.sync();
  return bytes;
}

/** Where the workspace was elsewhere on the old machine, it is now where it usually is. */
async function settleWorkspace(config: string): Promise<void> {
  const settings = JSON.parse(await readFile(config, "utf8"));
  if ((settings["workspace-directory"] ?? "workspace") === "workspace") return;
  const text = JSON.stringify({ ...settings, "workspace-directory": "workspace" }, null, 2);
  await writeFile(config, `${text}\n`, { flush: true });
}

/** Renames all into its place, the config last of all: without it there is no installation. */
async function place(home: string): Promise<void> {
  const paths = homePaths(home);
  const moves: { from: string; to: string }[] = [];
  for (const root of archiveRoots) {
    const from = join(paths[root], stagingName, root);
    for (const name of await readdir(from)) moves.push({ from: join(from, name), to: join(paths[root], name) });
  }
  const secrets = stagedPlace(home, secretsEntry);
  if (await isThere(secrets)) moves.push({ from: secrets, to: join(home, secretsEntry) });
  const isConfig = ({ to }: { to: string }) => to === paths.config;
  const inOrder = [...moves.filter((move) => !isConfig(move)), ...moves.filter(isConfig)];

  const list = join(paths.data, stagingName, placedList);
  await writeFile(`${list}.new`, JSON.stringify(inOrder.map(({ to }) => to)), { flush: true });
  await rename(`${list}.new`, list);
  await syncFolder(dirname(list));
  for (const { from, to } of inOrder) await rename(from, to);
  for (const folder of [home, ...archiveRoots.map((root) => paths[root])]) await syncFolder(folder);
  for (const root of archiveRoots.toReversed()) await rm(join(paths[root], stagingName), { recursive: true });
}

/** A place for an installation may hold what none is made of: models, logs, a lock. @throws ConfigError for anything else. */
export async function refuseFull(home: string): Promise<void> {
  const paths = homePaths(home);
  const placed = await placedBefore(home);
  const there: string[] = [];
  for (const root of archiveRoots) {
    const names = await readdir(paths[root]).catch(() => []);
    for (const name of names)
      if (!isPassedOver(`${root}/${name}`) && name !== stagingName && !placed.includes(join(paths[root], name)))
        there.push(`${root}/${name}`);
  }
  const secrets = join(home, secretsEntry);
  if ((await isThere(secrets)) && !placed.includes(secrets)) there.push(secretsEntry);
  const [inTheWay] = there;
  if (inTheWay === undefined) return;
  throw new ConfigError(
    `There is something in ${home} already (${inTheWay}): a backup is restored where nothing is set up. Move it away, or let MEMTRIX_HOME name an empty folder. Nothing was touched.`,
  );
}

/** Gives what was not there before, and is to be taken away again should nothing come of it. */
async function makeFolders(home: string): Promise<string[]> {
  const paths = homePaths(home);
  const made: string[] = [];
  for (const folder of [home, ...archiveRoots.map((root) => paths[root])]) {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (first !== undefined) made.push(folder);
  }
  for (const name of ["owner", "owner.lock"]) {
    const path = join(paths.data, name);
    if (!(await isThere(path))) made.push(path);
  }
  return made;
}

async function removeMade(made: readonly string[]): Promise<void> {
  // A folder that somebody has put something into meanwhile stays.
  for (const path of made.toReversed())
    await rmdir(path)
      .catch(() => rm(path))
      .catch(() => {});
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
