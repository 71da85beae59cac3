import { constants } from "node:fs";
import { access, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { homePaths } from "../home.ts";
import { type Check, type Finding, fault, ok, warning } from "./check.ts";

const mostEntries = 50_000;
/** Installed programs and fetched models: many files, and none of the owner's own. */
const notOurs = new Set(["venv", "models", "node_modules", ".git"]);

/** The folders are there, are ours, can be written, and what is private in them is closed to others. */
export const foldersCheck: Check = {
  name: "folders",
  async run({ paths, home, ...ground }) {
    const config = await ground.config.catch(() => undefined);
    const { workspace } = homePaths(home, config?.["workspace-directory"]);
    const folders = [paths.data, workspace, paths.agents];
    const findings = (await Promise.all(folders.map(look))).flat();
    return findings.length > 0 ? findings : [ok(`${folders.join(", ")}: yours, and writable`)];
  },
};

async function look(folder: string): Promise<Finding[]> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found) return [warning(`${folder} is not there`, "Memtrix makes it at the next start: npm start")];
  const target = found.isSymbolicLink()
    ? await readdir(folder).then(
        () => true,
        () => false,
      )
    : found.isDirectory();
  if (!target) return [fault(`${folder} is no folder`, "move it away, then start again")];

  const foreign: string[] = [];
  const open: string[] = [];
  await walk(folder, (path, { uid, mode }) => {
    if (process.getuid && uid !== process.getuid()) foreign.push(path);
    else if (isPrivate(path) && mode & 0o077) open.push(path);
  });
  if (foreign.length > 0) {
    const example = foreign.length === 1 ? foreign[0] : `${foreign.length} entries, such as ${foreign[0]}`;
    return [
      fault(`another user owns ${example}`, `sudo chown -R ${process.getuid?.()}:${process.getgid?.()} ${folder}`),
    ];
  }
  const cannot = await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => false,
    () => true,
  );
  if (cannot) return [fault(`${folder} cannot be written`, `chmod u+rwx ${folder}`)];
  return open.map((path) => fault(`other users of this machine can read ${path}`, `chmod go= ${path}`));
}

function isPrivate(path: string): boolean {
  return /\.db(-wal|-shm)?$|[\\/]private\.json$|[\\/]signing\.key$|[\\/]config\.json$/.test(path);
}

async function walk(folder: string, visit: (path: string, stat: { uid: number; mode: number }) => void): Promise<void> {
  const left = [folder];
  for (let seen = 0; left.length > 0 && seen < mostEntries; seen++) {
    const path = left.pop() ?? "";
    const stat = await lstat(path).catch(() => undefined);
    if (!stat) continue; // Gone meanwhile.
    visit(path, stat);
    if (!stat.isDirectory()) continue;
    const names = await readdir(path).catch(() => []);
    left.push(...names.filter((name) => !notOurs.has(name)).map((name) => join(path, name)));
  }
}
