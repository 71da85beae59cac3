import type { Origin } from "../origin.ts";
import type { Entry, Folder } from "./folder.ts";
import { createMarks, leastTrusted } from "./marks.ts";
import { folded, isGitName, pathParts } from "./names.ts";
import { createQuota } from "./quota.ts";
import { quoted } from "./visible.ts";

/**
 * An agent's own files, as its tools see them. AGENT.md, the core files, `memory/` and `.git` are not there; names that
 * some system would misread are refused. Every failure is one short sentence for the model.
 */
export interface Workspace {
  readFile(path: string): Promise<WorkspaceFile>;
  /**
   * `overwrite: false` throws when the file is there already. `basedOn` is the origin of the text that the new one was
   * made from: the less trusted of the two becomes the mark.
   */
  writeFile(
    path: string,
    data: string | Uint8Array,
    options: { overwrite: boolean; basedOn?: Origin | undefined },
  ): Promise<void>;
  deleteFile(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  deleteDirectory(path: string): Promise<void>;
  stat(path: string): Promise<Entry | undefined>;
  /** `path` may be "" or "." for the whole workspace. */
  list(path: string, options?: { depth?: number; limit?: number }): Promise<WorkspaceEntry[]>;
  /** The same workspace, where what is written is marked with the origin that `origin()` gives at that moment. */
  writingAs(origin: () => Origin): Workspace;
}

export interface WorkspaceFile {
  bytes: Buffer;
  /** Where its content comes from; `owner` when nobody marked it. */
  origin: Origin;
}

export interface WorkspaceEntry extends Entry {
  /** Where the content comes from, and so the name. */
  origin: Origin;
}

/** Where the marks are kept: outside the workspace. */
export interface FileOrigins {
  get(path: string): Origin | undefined;
  set(path: string, origin: Origin): void;
  delete(path: string): void;
}

export interface WorkspaceOptions {
  folder: Folder;
  origins: FileOrigins;
  /** What all files together may have; 2 GiB if not given. */
  quotaBytes?: number;
}

/** What is the agent itself, which has tools of its own, and what only keeps the folder in git. */
const ownFiles = new Set(["agent.md", "soul.md", "behavior.md", "user.md", "memory.md", "memory", ".gitkeep"]);
const defaultQuotaBytes = 2 * 1024 ** 3;

export function openWorkspace({ folder, origins, quotaBytes = defaultQuotaBytes }: WorkspaceOptions): Workspace {
  const marks = createMarks(origins);
  const quota = createQuota(folder, quotaBytes);
  return viewWritingAs(() => "agent");

  function viewWritingAs(writer: () => Origin): Workspace {
    return {
      async readFile(given) {
        const path = workspacePath(given);
        const bytes = await folder.read(path);
        if (!bytes) throw new Error(`There is no ${quoted(path)}.`);
        return { bytes, origin: marks.of(path) };
      },

      async writeFile(given, data, { overwrite, basedOn }) {
        const path = workspacePath(given);
        const origin = leastTrusted([basedOn ?? "owner", writer()]);
        const above = await missingAbove(folder, path);
        await quota.take(Buffer.byteLength(data));
        await marks.around(path, above, origin, () => folder.write(path, data, { overwrite }));
      },

      async deleteFile(given) {
        const path = workspacePath(given);
        await folder.remove(path);
        marks.remove([path]);
      },

      async makeDirectory(given) {
        const path = workspacePath(given);
        if (await folder.stat(path)) return folder.makeDirectory(path);
        const above = await missingAbove(folder, path);
        await marks.around(path, above, writer(), () => folder.makeDirectory(path));
      },

      async deleteDirectory(given) {
        const path = workspacePath(given);
        const inside = await folder.list(path, { depth: Number.POSITIVE_INFINITY }).catch(() => []);
        await folder.removeDirectory(path);
        marks.remove([path, ...inside.map((entry) => entry.path)]);
      },

      async stat(given) {
        const path = pathParts(given).join("/");
        return isClosed(path) ? undefined : folder.stat(path);
      },

      async list(given, options) {
        const path = workspacePath(given);
        const entries = await folder.list(path, { ...options, except: isClosed });
        return entries.map((entry) => ({ ...entry, origin: marks.of(entry.path) }));
      },

      writingAs: viewWritingAs,
    };
  }
}

/** The folders above a path that are still to be made: their names come from whoever makes them. */
async function missingAbove(folder: Folder, path: string): Promise<string[]> {
  const names = path.split("/").slice(0, -1);
  const missing: string[] = [];
  for (let level = names.length; level > 0; level -= 1) {
    const above = names.slice(0, level).join("/");
    if (await folder.stat(above)) break;
    missing.push(above);
  }
  return missing;
}

/** The path as it is kept, without what does not count in it. Throws for what is closed to file tools. */
export function workspacePath(given: string): string {
  const path = pathParts(given).join("/");
  if (isClosed(path)) throw closed(path);
  return path;
}

function isClosed(path: string): boolean {
  const names = path.split("/");
  return ownFiles.has(folded(names[0] ?? "")) || names.some(isGitName);
}

function closed(path: string): Error {
  const why = path.split("/").some(isGitName) ? "git's own folder" : "for the core file and memory tools only";
  return new Error(`${quoted(path)} is closed to file tools: it is ${why}.`);
}
