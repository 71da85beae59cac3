import { constants } from "node:fs";
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { checkout, homePaths } from "../home.ts";

/** One file of the old installation and the place for it in ours. */
export interface FileMove {
  from: string;
  to: string;
  /** For people, below the home. */
  shown: string;
  /** Whose workspace it goes to: `main` or the agent's id. */
  agent: string;
  /** Its path there. */
  path: string;
  /** It came from others: attachments and downloads. */
  fromOutside: boolean;
}

export interface FilePlan {
  moves: FileMove[];
  /** One sentence for each that is not taken. */
  notes: string[];
}

/** Names tools and manners of the old program; ours has its own. */
const frame = "AGENT.md";
const fromOthers = /^(attachments|downloads)\//;

/** What of the old files is to be copied where. Nothing that is there is ever overwritten. */
export async function planFiles(old: string, home: string, agents: readonly string[]): Promise<FilePlan> {
  const paths = homePaths(home);
  const plan: FilePlan = { moves: [], notes: [] };
  const workspaces = [
    { agent: "main", from: join(old, "workspace"), to: paths.workspace, shown: "workspace" },
    ...agents.map((agent) => ({
      ...{ agent, from: join(old, "agents", agent), to: join(paths.agents, agent), shown: `agents/${agent}` },
    })),
  ];
  for (const { agent, from, to, shown } of workspaces)
    for (const path of await filesBelow(from, "", plan.notes, shown)) {
      const target = path === frame ? `${frame.slice(0, -3)}.python.md` : path;
      const move = { from: join(from, path), to: join(to, target), shown: `${shown}/${target}` };
      const there = await readFile(move.to).catch(() => undefined);
      if (there && !(await isTemplate(path, there)))
        plan.notes.push(`${move.shown} is there already, and is kept as it is.`);
      else plan.moves.push({ ...move, agent, path: target, fromOutside: fromOthers.test(path) });
    }
  return plan;
}

/** Copies them; throws where something has come into the way since, which is kept. */
export async function copyFiles(moves: readonly FileMove[]): Promise<void> {
  for (const { from, to, path } of moves) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    const there = await readFile(to).catch(() => undefined);
    const replaces = there !== undefined && (await isTemplate(path, there));
    await copyFile(from, to, replaces ? 0 : constants.COPYFILE_EXCL);
  }
}

async function filesBelow(folder: string, above: string, notes: string[], shown: string): Promise<string[]> {
  const entries = await readdir(join(folder, above), { withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = above === "" ? entry.name : `${above}/${entry.name}`;
    if (entry.name === ".git" || entry.name === ".gitkeep") continue;
    if (entry.isDirectory()) files.push(...(await filesBelow(folder, path, notes, shown)));
    else if (entry.isFile()) files.push(path);
    // An agent's USER.md was a link to the main one's, which all agents read here.
    else if (path !== "USER.md") notes.push(`${shown}/${path} is left out: it is a link or no file at all.`);
  }
  return files;
}

/** True for a first file as this program lays it down: its owner has written nothing in it yet. */
async function isTemplate(path: string, content: Buffer): Promise<boolean> {
  if (path.includes("/")) return false;
  const template = await readFile(join(checkout, "onboard", "templates", path)).catch(() => undefined);
  return template?.equals(content) ?? false;
}
