import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { homePaths } from "../home.ts";
import { type ArchiveWriter, createArchiveWriter } from "./archive.ts";
import { openBackupFile } from "./backup-file.ts";
import { type BackupKeys, deriveKeys, type GuessCost, headerBytes, newHeader } from "./header.ts";
import { createSealer } from "./sealed-chunks.ts";
import { type FrozenDatabase, freeze } from "./snapshot.ts";
import { syncFolder } from "./sync-folder.ts";
import { type Saved, takeInventory } from "./what-to-save.ts";

export interface BackupOptions {
  home: string;
  /** Where the backup is to be. */
  file: string;
  passphrase: string;
  /** The version of this program. */
  program: string;
  now: Date;
  /** Take the place of a file that is there. */
  force?: boolean;
  /** What guessing the passphrase costs; as it should be when left out. */
  cost?: GuessCost;
  onProgress?(progress: BackupProgress): void;
  signal?: AbortSignal;
}

export interface BackupProgress {
  /** What is being done. */
  doing: "saving" | "checking";
  bytes: number;
}

export interface BackupReport {
  bytes: number;
  /** How much of what, by the first part of its path. */
  parts: Map<string, { files: number; bytes: number }>;
  leftOut: string[];
}

/**
 * Saves the installation in `home` into one sealed file, whether it runs or not. The file is there only when it is whole
 * and was read back. @throws ConfigError
 */
export async function makeBackup(options: BackupOptions): Promise<BackupReport> {
  const { home, file, passphrase, program, now, force = false, onProgress = () => {}, signal } = options;
  if (!force) await refuseExisting(file);
  const part = `${file}.part`;
  const target = await openPart(part);
  try {
    const header = newHeader(program, now, options.cost);
    const keys = await deriveKeys(passphrase, header);
    const begin = headerBytes(header, keys);
    let written = 0;
    const write = async (bytes: Buffer): Promise<void> => {
      signal?.throwIfAborted();
      await target.appendFile(bytes);
      written += bytes.length;
      onProgress({ doing: "saving", bytes: written });
    };
    await write(begin);
    const sealer = createSealer(keys.sealing, begin, write);
    const archive = createArchiveWriter(sealer.add);
    const report = await saveAll(home, [resolve(file), resolve(part)], archive);
    await archive.end();
    await sealer.end();
    await target.sync();
    await readBack(part, keys, options);
    await rename(part, file);
    await syncFolder(dirname(resolve(file)));
    return { ...report, bytes: written };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await target.close();
  }
}

/** @throws ConfigError when there is something at this path. */
export async function refuseExisting(file: string): Promise<void> {
  if ((await stat(file).catch(() => undefined)) === undefined) return;
  throw new ConfigError(`${file} is there already: choose another name, or add --force to replace it.`);
}

type Report = Omit<BackupReport, "bytes">;

/**
 * Files first and the databases after them, so that no file is newer than what the databases say of it: where its
 * content comes from is written down before the file is. Files that changed in between are saved once more.
 */
async function saveAll(home: string, except: readonly string[], archive: ArchiveWriter): Promise<Report> {
  const first = await takeInventory(home, except);
  if (!first.saved.some(({ path }) => path === "data/config.json"))
    throw new ConfigError(`There is nothing to save in ${home}: nothing is set up there.`);
  const sizes = new Map<string, number>();
  const changedAt = new Map<string, bigint>();
  for (const one of first.saved) await save(one, undefined);

  const staging = join(homePaths(home).data, `.backup-${process.pid}`);
  await mkdir(staging, { mode: 0o700 });
  try {
    const { ctimeNs: before } = await stat(staging, { bigint: true });
    const again = await takeInventory(home, except);
    const databases = again.saved.filter(({ kind }) => kind === "database");
    using frozen = await freeze(databases.map(({ place }) => place));
    for (const [index, { path, place }] of databases.entries())
      await saveDatabase({ path, place, frozen: frozen.databases[index] as FrozenDatabase }, staging);
    for (const one of again.saved) await save(one, before);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return { parts: partsOf(sizes), leftOut: first.leftOut };

  /** `before`: only what is new or changed since it was saved, and not changed after that instant. */
  async function save({ kind, path, place }: Saved, before: bigint | undefined): Promise<void> {
    if (kind === "database") return;
    if (kind === "folder") {
      if (before === undefined) await archive.folder({ path, mode: 0o700 });
      return;
    }
    await using handle = await openFile(place);
    if (!handle) return;
    const { ctimeNs, mtimeMs, mode } = await handle.stat({ bigint: true });
    if (before !== undefined && (ctimeNs >= before || changedAt.get(path) === ctimeNs)) return;
    changedAt.set(path, ctimeNs);
    const bytes = await archive.file(
      { path, mode: Number(mode) & 0o777, modifiedMs: Number(mtimeMs) },
      handle.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 }),
    );
    sizes.set(path, bytes);
  }

  async function saveDatabase({ path, place, frozen }: FrozenFile, staging: string): Promise<void> {
    const copy = join(staging, "copy.db");
    await frozen.writeTo(copy);
    await using handle = await open(copy);
    const { mtimeMs } = await stat(place);
    const content = handle.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 });
    sizes.set(path, await archive.file({ path, mode: 0o600, modifiedMs: mtimeMs }, content));
    await rm(copy);
  }
}

interface FrozenFile {
  path: string;
  place: string;
  frozen: FrozenDatabase;
}

function partsOf(sizes: ReadonlyMap<string, number>): BackupReport["parts"] {
  const parts: BackupReport["parts"] = new Map();
  for (const [path, size] of sizes) {
    const { files, bytes } = parts.get(partOf(path)) ?? { files: 0, bytes: 0 };
    parts.set(partOf(path), { files: files + 1, bytes: bytes + size });
  }
  return parts;
}

/** What the owner calls it. */
function partOf(path: string): string {
  if (path === "data/memtrix.db") return "conversations and memory";
  if (path.startsWith("data/matrix/")) return "Matrix keys";
  if (path.startsWith("data/homeserver/")) return "homeserver";
  if (path.startsWith("agents/")) return "agents";
  if (path.startsWith("workspace/")) return "workspace";
  return "config, secrets, other";
}

/** Reads the whole file as a restore would, without putting anything anywhere. */
async function readBack(part: string, keys: BackupKeys, options: BackupOptions): Promise<void> {
  const { program, onProgress, signal } = options;
  const backup = await openBackupFile(part, program);
  for await (const { content } of backup.entries(keys)) {
    for await (const _block of content) {
      signal?.throwIfAborted();
      onProgress?.({ doing: "checking", bytes: backup.done() });
    }
  }
}

/** Undefined for a file that is gone by now, or is none any more. */
async function openFile(place: string): Promise<FileHandle | undefined> {
  try {
    const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["ENOENT", "ELOOP", "ENXIO"].includes(code)) throw error;
  }
  return undefined;
}

async function openPart(part: string): Promise<FileHandle> {
  try {
    await rm(part, { force: true });
    return await open(part, "wx", 0o600);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new ConfigError(`There is no folder ${dirname(resolve(part))} to put ${basename(part, ".part")} into.`, {
      cause,
    });
  }
}
