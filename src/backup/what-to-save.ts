import { readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { secretsPath } from "../config/secrets.ts";
import { homePaths } from "../home.ts";
import { isArchivePath, secretsEntry } from "./archive-path.ts";

/** One file or folder of an installation, by its path in the backup. */
export interface Saved {
  kind: "file" | "folder" | "database";
  /** With forward slashes, below data, agents or workspace. */
  path: string;
  /** Where it is on this machine. */
  place: string;
}

export interface Inventory {
  saved: Saved[];
  /** What is neither file nor folder, and names that no backup can hold: one sentence each. */
  leftOut: string[];
}

/** What can be made anew, is of this machine alone, or is written by the running program for itself. */
const passedOver: readonly RegExp[] = [
  /^data\/(models|chroma|git)$/,
  /^data\/vectors\.db[^/]*$/,
  /^data\/memtrix\.db\.before-[^/]*$/,
  /^data\/\.(backup|restore)[^/]*$/,
  /^data\/[^/]*\.lock[^/]*$/,
  /^data\/(matrix\/[^/]+\/)?owner(\.lock[^/]*)?$/,
  /^data\/([^/]+\/)?[^/]*\.log(\.\d+)?$/,
  /^data\/heartbeat\.json(\.next)?$/,
  /^data\/homeserver\/venv$/,
  /^data\/homeserver\/[^/]*\.pid$/,
  /^data\/.*\.db-(wal|shm|journal)$/,
  /(^|\/)\.memtrix-\d+-\d+-[0-9a-f]{12}\.tmp$/,
  /^(data|agents|workspace)\/\.gitkeep$/,
];

const databases = /^data\/(memtrix\.db|matrix\/[^/]+\/device\.db|homeserver\/homeserver\.db)$/;

/** True for what no backup holds; of an installation that is being made such things may be there already. */
export function isPassedOver(path: string): boolean {
  return passedOver.some((pattern) => pattern.test(path));
}

/** All that makes up the installation in `home`. `except`: files that are none of it, though they lie there. */
export async function takeInventory(home: string, except: readonly string[] = []): Promise<Inventory> {
  const inventory: Inventory = { saved: [], leftOut: [] };
  const paths = homePaths(home, await workspaceDirectory(home));
  const secrets = await secretsOf(home);
  if (secrets !== undefined) inventory.saved.push({ kind: "file", path: secretsEntry, place: secrets });
  for (const root of ["data", "agents", "workspace"] as const) await walk(paths[root], root, except, inventory);
  return inventory;
}

async function walk(folder: string, path: string, except: readonly string[], inventory: Inventory): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const [inside, place] = [`${path}/${entry.name}`, join(folder, entry.name)];
    if (isPassedOver(inside) || except.includes(place)) continue;
    if (!isArchivePath(inside)) inventory.leftOut.push(`${JSON.stringify(inside)}: no backup can hold this name`);
    else if (entry.isDirectory()) {
      inventory.saved.push({ kind: "folder", path: inside, place });
      await walk(place, inside, except, inventory);
    } else if (!entry.isFile()) inventory.leftOut.push(`${inside}: it is a link or no file at all`);
    else inventory.saved.push({ kind: databases.test(inside) ? "database" : "file", path: inside, place });
  }
}

/** A config that cannot be read is saved like any other file. */
async function workspaceDirectory(home: string): Promise<string> {
  try {
    const config = JSON.parse(await readFile(homePaths(home).config, "utf8"));
    const directory = config["workspace-directory"];
    return typeof directory === "string" && directory !== "" ? directory : "workspace";
  } catch {
    return "workspace";
  }
}

/** Where the secrets really are: their owner may have put a link in their place. Undefined where there are none. */
async function secretsOf(home: string): Promise<string | undefined> {
  try {
    return await realpath(secretsPath(home));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
